"""The making of a bundle: the files of several models' programs in a folder, and the image that is
linked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fwgen.board import Board
from fwgen.build.cmake import Image, build, check_settings
from fwgen.build.making import told_of
from fwgen.compile.lower.bundle_fit import require_bundle_fit
from fwgen.host.lock import exclusive
from fwgen.pipeline import Progress
from fwgen.project.bundle import Part, placed_for_all, render_bundle
from fwgen.project.folder import describe, write
from fwgen.project.render import ProjectOptions


@dataclass(frozen=True)
class BundleMaking:
    """What a bundle is made of, and where. ``board`` is what its models were compiled for;
    ``cmsis_nn`` and ``force`` are as in ``Making``."""

    board: Board
    parts: Sequence[Part]
    folder: Path
    options: ProjectOptions
    cmsis_nn: Path | None
    force: bool

    def project(self, with_image: bool, progress: Progress) -> tuple[dict[str, Any], Image | None]:
        """Write the files, and have the tools make the image: what ``fwgen.json`` says, and the
        image, None if none was asked for. Raises as ``Making.project``."""
        programs = {part.prefix: part.program for part in self.parts}
        board = placed_for_all(self.board, [*programs.values()])
        require_bundle_fit(board, programs)
        settings = {}
        if self.cmsis_nn and any(program.uses_cmsis_nn for program in programs.values()):
            settings["CMSIS_NN_ROOT"] = str(self.cmsis_nn)
        check_settings(settings)
        files = render_bundle(self.board, self.parts, self.options)
        image = None
        with exclusive(self.folder):
            kept = write(self.folder, files, self.force)
            progress("render", f"{len(files)} files in {self.folder}{told_of(kept)}")
            described = describe(self.folder)
            if with_image:
                arena_bytes = described["memory"]["arena_bytes"]
                image = build(self.folder, board, arena_bytes, settings)
                progress("build", str(image.elf))
        return described, image
