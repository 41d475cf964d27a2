"""The making of a project: a program's files in a folder, and the image that is linked of them.

What code and the runtime's data take is known after linking only. Where a region of the board is
then too small, the program is planned again by what was measured, and its project is made anew.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.board.twin import twin_of
from fwgen.build.cmake import Image, RegionsOverflow, build, build_twin, check_settings
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.host.lock import exclusive
from fwgen.pipeline import Progress, require_fit, with_room_for
from fwgen.project.folder import describe, write
from fwgen.project.kept import Kept
from fwgen.project.render import ProjectOptions, render
from fwgen.source import Source

ROUNDS = 4
"""In which a program is planned again by sizes that were measured."""

NPU_DRIVER = ("ETHOSU_DRIVER_ROOT", "CMSIS_ROOT")
"""Environment variables that name Arm's NPU driver, to be linked in place of ours, and CMSIS."""


@dataclass(frozen=True)
class Made:
    """A project's program, what its ``fwgen.json`` says, and its image, None if none was asked
    for."""

    program: Program
    described: dict[str, Any]
    image: Image | None


@dataclass(frozen=True)
class Making:
    """What a project is made of, and where.

    ``source`` and ``request`` are what its programs are compiled from. ``told`` are entries of its
    JSON about the model. ``cmsis_nn`` is the library's folder, if there is one. With ``force``,
    files that the user edited are replaced.
    """

    source: Source
    request: Request
    folder: Path
    options: ProjectOptions
    told: Mapping[str, Any]
    cmsis_nn: Path | None
    force: bool

    def project(self, program: Program, with_image: bool, progress: Progress) -> Made:
        """Write the files of a program, and have the tools make its image.

        Raises DoesNotFit, UsageError for a path that tools do not take, and what ``build`` does.
        """
        files = self._files(program)
        image = None
        with exclusive(self.folder):
            kept = self._write(files)
            progress("render", f"{len(files)} files in {self.folder}{told_of(kept)}")
            if with_image:
                program, image = self._image(program)
                self._build_twin()
                progress("build", str(image.elf))
            return Made(program, describe(self.folder), image)

    def _files(self, program: Program) -> dict[str, bytes]:
        """The project's, by relative path."""
        require_fit(program, self.source.graph)
        check_settings(self._settings(program))
        board_toml = self.request.board.source
        return render(program, self.source.files, board_toml, self.options, self.told)

    def _write(self, files: Mapping[str, bytes]) -> Kept:
        return write(self.folder, files, self.force)

    def _image(self, program: Program) -> tuple[Program, Image]:
        """The program and its image.

        Where the linker finds a region too small for what was estimated, both are made again with
        the measured sizes, a few times at most.
        """
        for _ in range(ROUNDS):
            try:
                return program, self._linked(program)
            except RegionsOverflow as overflow:
                program = with_room_for(program, self.source, self.request, overflow.bytes_over)
                self._write(self._files(program))
        return program, self._linked(program)

    def _linked(self, program: Program) -> Image:
        settings = self._settings(program)
        return build(self.folder, program.board, program.plan.arena_bytes, settings)

    def _build_twin(self) -> None:
        """The image for the board that runs in place of the project's, if there is one."""
        board = self.request.board
        twin = twin_of(board) if self.source.npu is None else None
        if twin:
            build_twin(self.folder, board, twin)

    def _settings(self, program: Program) -> dict[str, str]:
        """CMake's settings: where the libraries are."""
        settings = {}
        if self.cmsis_nn and program.uses_cmsis_nn:
            settings["CMSIS_NN_ROOT"] = str(self.cmsis_nn)
        if self.source.npu is not None:
            settings |= {name: os.environ.get(name, "") for name in NPU_DRIVER}
        return settings


def told_of(kept: Kept) -> str:
    """What is said of files of the user's."""
    said = f", {len(kept.foreign)} others kept" if kept.foreign else ""
    if kept.edited:
        names = ", ".join(sorted(kept.edited.values())[:3])
        said += f", {len(kept.edited)} edited ones set aside as {names}"
        said += "..." if len(kept.edited) > 3 else ""
    return said
