"""Local cells: measured on this machine, so many at a time."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence

from fwgen.cli.cells.cell import Cell, Ended
from fwgen.cli.cells.cell_process import CellProcess, end_all
from fwgen.cli.cells.tool_identity import Identity, tool_identity
from fwgen.host.stop import held_back

_POLL_S = 0.05


class LocalMachine:
    """This machine, which does ``jobs`` cells at a time, within ``limit_s`` each."""

    def __init__(self, jobs: int, limit_s: float) -> None:
        self._jobs, self._limit_s = jobs, limit_s

    @property
    def identity(self) -> Identity:
        """Of the tools that measure."""
        return tool_identity()

    def ended(self, cells: Sequence[Cell]) -> Generator[Ended, None, None]:
        """Each cell, as it ends. Where the iterator is closed, no process of it is left.

        Cells of one attached device are measured one after the other.
        """
        waiting, running = list(cells), dict[CellProcess, Cell]()
        try:
            while waiting or running:
                while len(running) < self._jobs and (cell := _next(waiting, running.values())):
                    with held_back():  # a process that is started is one that is ended
                        running[CellProcess(cell.request(), self._limit_s)] = cell
                    waiting.remove(cell)
                over = [(p, o) for p in running if (o := p.outcome()) is not None]
                for process, outcome in over:
                    yield Ended(running.pop(process), outcome, process.log)
                if not over:
                    time.sleep(_POLL_S)
        finally:
            with held_back():
                end_all(running)


def _next(waiting: Iterable[Cell], running: Iterable[Cell]) -> Cell | None:
    """The first cell whose device is free."""
    busy = {cell.board.device for cell in running} - {""}
    return next((cell for cell in waiting if cell.board.device not in busy), None)
