"""The BLAS library of NumPy, held to one thread in matrix products.

OpenBLAS divides even small products among all cores, and its threads wait for one another in busy
loops. Where other processes (an emulator, the tests) need the cores, that takes many times as long
as one thread does alone.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from numpy._core import _multiarray_umath  # type: ignore[attr-defined]

_NAMES = ("scipy_openblas_{}64_", "scipy_openblas_{}", "openblas_{}64_", "openblas_{}")
"""OpenBLAS's functions in NumPy's wheels, and in distributions."""


@cache
def _threads() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """To get and set the number of threads; None if NumPy has another library."""
    try:
        library = ctypes.CDLL(_multiarray_umath.__file__)
    except (AttributeError, OSError):
        return None
    for name in _NAMES:
        get = getattr(library, name.format("get_num_threads"), None)
        put = getattr(library, name.format("set_num_threads"), None)
        if get is not None and put is not None:
            put.restype = None
            return get, put
    return None


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it, matrix products take one core."""
    threads = _threads()
    if threads is None:
        yield
        return
    get, put = threads
    before = get()
    put(1)
    try:
        yield
    finally:
        put(before)
