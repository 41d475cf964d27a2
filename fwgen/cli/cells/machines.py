"""The machines that measure cells: this one, or those of a cluster."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from fwgen.cli.cells.cell import Cell, Ended
from fwgen.cli.cells.tool_identity import Identity


class Machines(Protocol):
    """Where cells are measured."""

    @property
    def identity(self) -> Identity:
        """Of the tools that measure, the same on all machines."""

    def ended(self, cells: Sequence[Cell]) -> Generator[Ended, None, None]:
        """Each cell once, as it ends; nothing of the others is left when it is closed.

        Raises FwgenError for what stops all of them.
        """
