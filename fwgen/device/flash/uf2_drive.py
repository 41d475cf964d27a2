"""Drives of UF2 bootloaders: a file copied onto one is written to flash, and the drive vanishes.

Source: the specification "USB Flashing Format (UF2)" of Microsoft: the drive has a file
INFO_UF2.TXT, with a line ``Board-ID: ...``. What is on the chip cannot be read back through it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board
from fwgen.board.keys import ADDRESSES, WORD, Integer, Key
from fwgen.board.sections import Section
from fwgen.build.image_formats.load_segments import LoadSegment
from fwgen.build.image_formats.uf2 import uf2_file
from fwgen.device.flash.drives import (
    UF2_INFO,
    copy_onto,
    drives_with,
    line_of_file,
    may_be_drive,
)
from fwgen.device.flash.flash_faults import NoProbe, WrongChip
from fwgen.device.flash.flasher import Flasher, FlashProbe, Target

INFO = UF2_INFO


@dataclass(frozen=True)
class Uf2Family:
    """The number of the chip's family in UF2 files, and its bootloader's name for the board."""

    family: int
    board_id: str = ""


SECTION = Section(
    "uf2",
    "The bootloader of the board that shows itself as a drive and takes UF2 files.",
    (
        Key("family", Integer(0, ADDRESSES - 1), "the number of its chip's family"),
        Key("board_id", WORD, "the Board-ID in its drive's INFO_UF2.TXT", ""),
    ),
    Uf2Family,
)


def family_of(board: Board) -> int | None:
    """The number of the family of the board's chip, None if it has no such bootloader."""
    own = board.section(SECTION)
    return own.family if own else None


@dataclass(frozen=True)
class Uf2Target(Target):
    """A bootloader's drive, mounted at ``folder``."""

    folder: Path
    family: int

    def write(self, segments: Sequence[LoadSegment]) -> None:
        copy_onto(self.folder, "firmware.uf2", uf2_file(segments, self.family))

    def read(self, extents: Sequence[tuple[int, int]]) -> None:
        return None

    def reset(self) -> None:
        """The bootloader has started the image."""


class Uf2Drive(Flasher):
    """Boards with ``[uf2]``, in the bootloader that a button or a reset of theirs starts."""

    name = "uf2"
    rank = 3

    def suits(self, board: Board) -> bool:
        return board.section(SECTION) is not None

    def takes(self, probe: str) -> bool:
        return may_be_drive(probe, INFO)

    def probes(self, board: Board | None) -> tuple[FlashProbe, ...]:
        found = drives_with(INFO)
        wanted = board.section(SECTION) if board else None
        ids = {folder: line_of_file(folder / INFO, "Board-ID") for folder in found}
        return tuple(
            FlashProbe(str(folder), ids[folder])
            for folder in found
            if wanted is None or wanted.board_id in ("", ids[folder])
        )

    def named_probe(self, name: str, board: Board) -> FlashProbe:
        if not (Path(name) / INFO).is_file():
            raise NoProbe(
                f"There is no drive of a UF2 bootloader: it has no {INFO}.",
                at=f"--probe {name}",
                tries=("hold the board's boot button while you plug it in",),
            )
        return FlashProbe(name, line_of_file(Path(name) / INFO, "Board-ID"))

    def lock_key(self, probe: FlashProbe) -> str:
        return os.path.realpath(probe.name)

    def open(self, board: Board, probe: FlashProbe) -> Target:
        own = board.section(SECTION)
        assert own is not None, "it suits the board"
        if own.board_id not in ("", probe.what):
            raise WrongChip(
                f"The drive is of a board {probe.what or 'without a name'}, expected "
                f"{own.board_id}.",
                at=probe.name,
                tries=("--probe FOLDER, the drive of the right board",),
            )
        return Uf2Target(Path(probe.name), own.family)


FLASHER = Uf2Drive()
