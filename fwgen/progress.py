"""What a command says on stderr while it works."""

from __future__ import annotations

import sys


class Progress:
    """One line per stage on stderr: ``[3/6] plan     arena 53,248 B``."""

    def __init__(self, stages: int, quiet: bool) -> None:
        self._stages, self._quiet, self._done = stages, quiet, 0

    def __call__(self, stage: str, outcome: str) -> None:
        self._done += 1
        if not self._quiet:
            line = f"[{self._done}/{self._stages}] {stage:<8} {outcome}"
            print(line, file=sys.stderr, flush=True)
