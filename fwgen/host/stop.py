"""The stop of a program: a signal, as an exception that unwinds, so that nothing of ours is left
behind.

SIGINT, SIGTERM and SIGHUP raise ``Stopped`` wherever the main thread is, but for ``held_back``.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(KeyboardInterrupt):
    """A signal asked for the end. ``exit_code`` is what shells report for it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class _Gate:
    """How many ``held_back`` are open, and the signal that waits for their end."""

    depth = 0
    waiting: int | None = None


@contextmanager
def ends_by_exception() -> Iterator[None]:
    """While it lasts, the signals raise Stopped; those that are ignored stay so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    taken = {n: known for n, known in before.items() if known not in (signal.SIG_IGN, None)}
    try:
        for number in taken:
            signal.signal(number, _stop)
        yield
    finally:
        for number, known in taken.items():
            signal.signal(number, known)


@contextmanager
def held_back() -> Iterator[None]:
    """What must happen as a whole: a signal raises Stopped at its end."""
    _Gate.depth += 1
    try:
        yield
    finally:
        _Gate.depth -= 1
        if _Gate.waiting is not None and _Gate.depth == 0:
            number, _Gate.waiting = _Gate.waiting, None
            raise Stopped(number)


def _stop(number: int, frame: FrameType | None) -> None:
    if _Gate.depth:
        _Gate.waiting = number
    else:
        raise Stopped(number)
