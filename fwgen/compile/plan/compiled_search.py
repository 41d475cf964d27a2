"""The compiled search: the result that both searches share, and the call of their C code where
it can be compiled."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy.typing as npt

from fwgen.errors import ToolError
from fwgen.host.native import cached_library, shared_library
from fwgen.host.scratch import scratch_folder

NO_MEMORY, EXHAUSTED, INFEASIBLE, SOLVED = -2, -1, 0, 1
MOST_DEPTH = 8000
"""Levels of recursion after which a search counts as exhausted."""


@dataclass(frozen=True)
class Found:
    """SOLVED with ``offsets``, proven INFEASIBLE, or EXHAUSTED: neither within the budget."""

    result: int
    offsets: tuple[int, ...]
    nodes: int


@cache
def library(source: Path) -> ctypes.PyDLL | None:
    """The compiled search, None where it cannot be compiled or loaded."""
    try:
        cached = cached_library(source)
        if cached is not None:
            return ctypes.PyDLL(str(cached))
        with scratch_folder() as scratch:
            return ctypes.PyDLL(str(shared_library(source, scratch)))
    except (ToolError, OSError):
        return None


def core(function: Callable[..., Any], *args: int | npt.NDArray[Any]) -> int:
    """Call a search with numbers, arrays, and what it asks at each node whether to give up.

    Raises MemoryError, and KeyboardInterrupt on Ctrl-C: PyDLL looks for it when the search returns.
    """
    give_up = ctypes.cast(ctypes.pythonapi.PyErr_CheckSignals, ctypes.c_void_p)
    pointers = (a if isinstance(a, int) else ctypes.c_void_p(a.ctypes.data) for a in args)
    result = function(*pointers, give_up)
    if result == NO_MEMORY:
        raise MemoryError("no memory for the arena search")
    return int(result)


@contextmanager
def deep_recursion(levels: int) -> Iterator[None]:
    """Python's own limit raised by ``levels``."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + levels)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
