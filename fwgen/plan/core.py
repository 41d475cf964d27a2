"""What both searches share: their result, and how their C is called where it can be compiled."""

from __future__ import annotations

import ctypes
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fwgen.errors import ToolError
from fwgen.native import shared_library

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
def library(source: Path) -> ctypes.CDLL | None:
    """The compiled search, None where it cannot be compiled or loaded."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            return ctypes.CDLL(str(shared_library(source, Path(scratch))))
    except (ToolError, OSError):
        return None


def array_of(kind: str, items: Iterable[int]) -> array[int]:
    """A C array, never empty: int32_t for ``i``, int64_t for ``q``."""
    return array(kind, items) or array(kind, [0])


def core(function: Callable[..., Any], *args: int | array[int]) -> int:
    """Call a search. Raises MemoryError."""
    result = function(
        *(a if isinstance(a, int) else ctypes.c_void_p(a.buffer_info()[0]) for a in args)
    )
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
