"""Runs a function on many inputs in a process of its own that may take little time and memory."""

from __future__ import annotations

import os
import pickle
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_SECONDS = 5.0
MOST_BYTES = 512 << 20


@dataclass(frozen=True)
class Outcome:
    """What became of an input: the function's value, or the error that it raised as text."""

    name: str
    value: object
    error: str
    seconds: float


def bounded(
    function: Callable[[bytes], object], inputs: Iterable[tuple[str, bytes]]
) -> list[Outcome]:
    """The outcome of each input, the last one with an error if the process did not survive it.

    More memory than ``MOST_BYTES`` is not to be had, and more time than ``MOST_SECONDS`` of CPU for
    one of them is an error.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        try:
            with os.fdopen(write, "wb") as pipe:
                _limit_memory()
                for name, data in inputs:
                    pickle.dump(name, pipe)
                    pipe.flush()
                    pickle.dump(_outcome(function, name, data), pipe)
        except BaseException as problem:
            print(problem, file=sys.stderr, flush=True)
        finally:
            os._exit(0)
    os.close(write)
    found: list[Outcome] = []
    with os.fdopen(read, "rb") as pipe:
        while pipe.peek(1):
            name = pickle.load(pipe)
            try:
                found.append(pickle.load(pipe))
            except EOFError:
                found.append(Outcome(name, None, "the process died", 0.0))
    os.waitpid(child, 0)
    return found


def _limit_memory() -> None:
    with open("/proc/self/statm") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_BYTES, now + MOST_BYTES))


def _outcome(function: Callable[[bytes], object], name: str, data: bytes) -> Outcome:
    start, value, error = time.process_time(), None, ""
    spent = int(start) + 2 * int(MOST_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (spent, resource.RLIM_INFINITY))
    try:
        value = function(data)
    except BaseException as problem:
        last = traceback.extract_tb(problem.__traceback__)[-1]
        error = f"{type(problem).__name__}: {problem} ({last.filename}, {last.lineno})"
    seconds = time.process_time() - start
    if not error and seconds > MOST_SECONDS:
        error = f"{seconds:.1f} s of CPU"
    return Outcome(name, value, error, seconds)
