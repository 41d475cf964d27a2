"""The making of a bundle: the files of several models' programs in a folder, and the image that is
linked of them.

Where all together are too large for a region of the board, before or after linking, programs are
planned again, as a single model is. It goes one after the other, until there is room.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fwgen.board import Board
from fwgen.build.cmake import Image, RegionsOverflow, build, check_settings
from fwgen.build.making import NPU_DRIVER, ROUNDS, told_of
from fwgen.compile.lower.bundle_fit import missing, needed, require_bundle_fit
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.host.lock import exclusive
from fwgen.pipeline import Progress, with_room_for
from fwgen.project.bundle import Part, placed_for_all, render_bundle
from fwgen.project.bundle_npu import require_one_npu
from fwgen.project.folder import describe, write
from fwgen.project.render import ProjectOptions
from fwgen.source import Source


@dataclass(frozen=True)
class Member:
    """A model of a bundle: its ``name``, its program, and what that is compiled from. ``told`` are
    entries of its JSON."""

    name: str
    source: Source
    request: Request
    program: Program
    told: Mapping[str, Any]


@dataclass(frozen=True)
class MadeBundle:
    """A bundle's models with the programs that they have in the end, what its ``fwgen.json`` says,
    and its image, None if none was asked for."""

    members: Sequence[Member]
    described: dict[str, Any]
    image: Image | None


@dataclass(frozen=True)
class BundleMaking:
    """What a bundle is made of, and where. ``board`` is what its models were compiled for;
    ``cmsis_nn`` and ``force`` are as in ``Making``."""

    board: Board
    members: Sequence[Member]
    folder: Path
    options: ProjectOptions
    cmsis_nn: Path | None
    force: bool

    def project(self, with_image: bool, progress: Progress) -> MadeBundle:
        """Write the files, and have the tools make the image. Raises as ``Making.project``."""
        members = self._fitting(self.members)
        require_one_npu({member.name: member.program for member in members})
        check_settings(self._settings(members))
        files = self._files(members)
        image = None
        with exclusive(self.folder):
            kept = write(self.folder, files, self.force)
            progress("render", f"{len(files)} files in {self.folder}{told_of(kept)}")
            if with_image:
                members, image = self._image(members)
                progress("build", str(image.elf))
            return MadeBundle(members, describe(self.folder), image)

    def _fitting(self, members: Sequence[Member]) -> Sequence[Member]:
        """Those whose programs fit together, as far as can be told before linking. Raises
        DoesNotFit."""
        for _ in range(ROUNDS):
            lacking = missing(self._board(members), _programs(members))
            if not lacking:
                return members
            members = _smaller(members, lacking)
        require_bundle_fit(self._board(members), _programs(members))
        return members

    def _image(self, members: Sequence[Member]) -> tuple[Sequence[Member], Image]:
        """The image, and the models' programs, made again by what the linker measured."""
        for _ in range(ROUNDS):
            try:
                return members, self._linked(members)
            except RegionsOverflow as overflow:
                members = self._fitting(_smaller(members, overflow.bytes_over))
                write(self.folder, self._files(members), self.force)
        return members, self._linked(members)

    def _linked(self, members: Sequence[Member]) -> Image:
        arena_bytes = describe(self.folder)["memory"]["arena_bytes"]
        return build(self.folder, self._board(members), arena_bytes, self._settings(members))

    def _board(self, members: Sequence[Member]) -> Board:
        return placed_for_all(self.board, [member.program for member in members])

    def _files(self, members: Sequence[Member]) -> dict[str, bytes]:
        """The project's, by relative path."""
        parts = [Part(m.name, m.program, m.source.files, m.told) for m in members]
        return render_bundle(self.board, parts, self.options)

    def _settings(self, members: Sequence[Member]) -> dict[str, str]:
        """CMake's settings: where the libraries are."""
        settings = {}
        if self.cmsis_nn and any(member.program.uses_cmsis_nn for member in members):
            settings["CMSIS_NN_ROOT"] = str(self.cmsis_nn)
        if any(member.program.npu for member in members):
            settings |= {name: os.environ.get(name, "") for name in NPU_DRIVER}
        return settings


def _programs(members: Sequence[Member]) -> dict[str, Program]:
    return {member.name: member.program for member in members}


def _smaller(members: Sequence[Member], bytes_over: Mapping[str, int]) -> Sequence[Member]:
    """The models with programs that leave room where regions lack so many bytes each. Those that
    need most are changed first, and no more of them than it takes."""
    found, left = [*members], dict(bytes_over)
    regions = [region for region in members[0].program.board.regions if region.name in left]
    sizes = [sum(sum(needed(r, {m.name: m.program}).values()) for r in regions) for m in members]
    for at in sorted(range(len(found)), key=lambda at: -sizes[at]):
        lacking = {name: over for name, over in left.items() if over > 0}
        if not lacking:
            break
        member, before = found[at], _programs(found)
        program = with_room_for(member.program, member.source, member.request, lacking)
        found[at] = replace(member, program=program)
        for region in regions:
            totals = [needed(region, each, code=True) for each in (before, _programs(found))]
            left[region.name] -= sum(totals[0].values()) - sum(totals[1].values())
    return found
