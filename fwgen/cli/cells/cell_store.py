"""The store of cells: a folder with a result and a log for each, by content.

The name of a result ends in a hash of all that it depends on. So a result is never that of another
model, board, fwgen or compiler, and to go on after an interruption is to look what is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fwgen import SCHEMA
from fwgen.cli.cells.cell import Cell, Ended
from fwgen.cli.cells.tool_identity import Identity
from fwgen.errors import ToolError
from fwgen.host.files import parse_json, read_input, write_file, write_json
from fwgen.host.json_form import fault
from fwgen.measure.cell_comparison import CELL_FORM

_MOST_BYTES = 1 << 24
_STAND = (0, 1, 2, 3, 4)
"""Exit codes that the same model, board, options and tools have again. A missing tool, a busy
device or a timeout may be gone the next time."""

_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class CellStore:
    """Results of cells that were measured by tools of an ``identity``, in a ``folder``."""

    def __init__(self, folder: Path, identity: Identity) -> None:
        self._folder, self._identity = folder, identity

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder, and have it for this process alone. Raises ToolError if another has it,
        or if it cannot be made."""
        from filelock import FileLock, Timeout

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / ".lock")
            lock.acquire(timeout=0)
        except Timeout:
            raise ToolError(
                "Another fwgen bench is at work in the folder.",
                at=str(self._folder),
                tries=("wait for its end", "another folder with -o"),
            ) from None
        except OSError as error:
            raise ToolError(
                f"The folder of results cannot be used: {error.strerror}.", at=str(self._folder)
            ) from None
        try:
            yield
        finally:
            lock.release()

    def found(self, cell: Cell) -> dict[str, Any] | None:
        """The result of a cell, None if there is none that could be read and is of its key."""
        key = cell.key(self._identity)
        path = self._path(cell, ".json")
        if not path.is_file():
            return None
        try:
            record = parse_json(read_input(path, _MOST_BYTES, "The result"))
        except (ToolError, ValueError):
            return None
        if fault(record, {**CELL_FORM, "key": key, "schema": SCHEMA}) is not None:
            return None
        return dict(record)

    @staticmethod
    def stands(record: Mapping[str, Any]) -> bool:
        """Whether the cell would end in the same way again."""
        return record["exit_code"] in _STAND

    def keep(self, ended: Ended) -> dict[str, Any]:
        """Write the log and the result of a cell; returns the result. Raises ToolError."""
        log, path = self._path(ended.cell, ".log"), self._path(ended.cell, ".json")
        write_file(log, _CONTROL.sub("", ended.log).encode())
        record = self._described(ended.cell) | {"log": log.name, **ended.outcome}
        write_json(path, record)
        return record

    def missing(self, cell: Cell) -> dict[str, Any]:
        """What stands for the result of a cell that has none yet."""
        return self._described(cell) | {"exit_code": 0, "error": None, "figures": {}, "todo": True}

    def _described(self, cell: Cell) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "fwgen": self._identity.version,
            "code": self._identity.code,
            "tools": dict(self._identity.tools),
            "key": cell.key(self._identity),
            **cell.described(),
        }

    def _path(self, cell: Cell, ending: str) -> Path:
        return self._folder / f"{cell.stem(cell.key(self._identity))}{ending}"
