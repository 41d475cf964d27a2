"""The twin files of a project, for its second image: the model's library on the board that runs
it in place of its own.

Only what surrounds the library is of the other board: start-up code, drivers, memory map. The
library is the same, compiled once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fwgen.board import Board
from fwgen.board.platforms import IN_PROJECT, sources
from fwgen.board.twin import twin_of
from fwgen.compile.lower.program import Program

HEADER, LINKER_SCRIPT = "twin/fw_board.h", "twin.ld"
"""What a project has of the other board beside its platform."""

_TEMPLATES = {HEADER: "fw_board.h.j2", LINKER_SCRIPT: "linker.ld.j2"}


@dataclass(frozen=True)
class TwinFiles:
    """``sources`` are files of the project by path, ``templates`` by the path that each makes.

    ``names`` are for the template of CMakeLists.txt, ``context`` for ``templates``, in place of
    what the project's own board says.
    """

    sources: Mapping[str, bytes] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Any] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def twin_files(program: Program, context: Mapping[str, Any]) -> TwinFiles:
    """The files for the board that is like the program's.

    There are none if there is no such board. There are none either if there is an NPU, because its
    driver is compiled for the registers of its own board.
    """
    twin = twin_of(program.board)
    if twin is None or program.npu is not None:
        return TwinFiles()
    files = {
        f"{IN_PROJECT}/{name}/{path.name}": path.read_bytes()
        for name, folder in twin.folders.items()
        for path in sources(folder)
    }
    return TwinFiles(
        sources=files,
        templates=_TEMPLATES,
        names={
            "name": twin.name,
            "folders": twin.platform_folders,
            "sources": sorted(path for path in files if path.endswith((".c", ".S"))),
        },
        context={
            "board": twin,
            "arenas": _all_in(twin, "arena", context["arenas"]),
            "weights": _all_in(twin, "weights", context["weights"]),
        },
    )


def _all_in(board: Board, what: str, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts of the memory in the region of a board for them."""
    return [{**part, "region": board.region(what).name} for part in parts]
