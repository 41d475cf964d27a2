"""The progress that a command tells on stderr while it works."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from fwgen.errors import printable


def tell(line: str) -> None:
    """A line on stderr; that it takes none is no reason to stop the work."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def ticker(total: int, what: str, quiet: bool) -> Callable[[int], None]:
    """Progress of many equal steps: about ten lines."""

    def tick(done: int) -> None:
        if not quiet and (done == total or done % max(1, total // 10) == 0):
            tell(f"[{done}/{total}] {what}")

    return tick


class Progress:
    """One line per stage on stderr: ``[3/6] plan     arena 53,248 B``."""

    def __init__(self, stages: int, quiet: bool) -> None:
        self._stages, self._quiet, self._done = stages, quiet, 0

    def __call__(self, stage: str, outcome: str) -> None:
        self._done += 1
        if not self._quiet:
            tell(f"[{self._done}/{self._stages}] {stage:<8} {printable(outcome)}")
