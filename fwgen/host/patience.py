"""The patience of a limit: a clock that runs while a device could do something.

A limit is to find a device that is stuck, not a machine that is busy. Time in which the device's
process or this one waits for a processor does not count (on Linux, where the kernel tells). Nor
does time in which this process works for the device.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

GRAIN_S = 0.05
"""The processes are asked no more often."""

_NS = 1e-9


class Patience:
    """``clock()`` is seconds since some moment; it never runs faster than the wall's.

    ``pid`` is the device's process, None while there is none.
    """

    def __init__(self, pid: int | None = None) -> None:
        self.pid = pid
        self._counted = 0.0
        self._at = time.monotonic()
        self._waited: dict[Path, int] = {}
        self._note_waits()

    def __call__(self) -> float:
        now = time.monotonic()
        passed = now - self._at
        if passed >= GRAIN_S:
            self._at = now
            self._counted += max(0.0, passed - self._note_waits())
        return self._counted

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """No time passes meanwhile."""
        counted = self()
        try:
            yield
        finally:
            self._at, self._counted = time.monotonic(), counted
            self._note_waits()

    def _note_waits(self) -> float:
        """Seconds that the device's slowest thread and we waited for a processor since last."""
        waits = [self._waits(Path("/proc/self"))]
        if self.pid is not None:
            with suppress(OSError):
                threads = list(Path(f"/proc/{self.pid}/task").iterdir())
                waits.append(max((self._waits(each) for each in threads), default=0))
        return sum(waits) * _NS

    def _waits(self, process: Path) -> int:
        """Of one thread, in ns; 0 where the kernel does not tell."""
        try:
            waited = int((process / "schedstat").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            return 0
        known = self._waited.get(process, waited)
        self._waited[process] = waited
        return max(0, waited - known)
