"""Mass storage of debug probes (DAPLink's, ST-LINK's): a file on it is written to the chip.

The drive then goes and comes back, with a file FAIL.TXT if the probe could not write. What is on
the chip cannot be read back through it. Sources: DAPLink's ``docs/USERS-GUIDE.md`` and
``source/daplink/drag-n-drop/vfs_user.c``; what a Nucleo's drive ``NODE_...`` has, as users show it.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fwgen.board import Board
from fwgen.board.keys import Key, Listed, OneOf, Text
from fwgen.board.sections import Section
from fwgen.build.image_formats.image_file import image_file
from fwgen.build.image_formats.load_segments import LoadSegment
from fwgen.device.flash.drives import (
    PROBE_INFO,
    copy_onto,
    drives_with,
    is_there,
    line_of_file,
    may_be_drive,
    start_of_file,
)
from fwgen.device.flash.flash_faults import LockedChip, NoProbe, WrongChip
from fwgen.device.flash.flasher import Flasher, FlashProbe, Target
from fwgen.errors import DeviceFault, FwgenError, UsageError, printable

INFO, SHORTCUT, FAIL = PROBE_INFO, "MBED.HTM", "FAIL.TXT"

RETURN_S = 20.0
"""The time that a drive has to come back: a DAPLink takes 2.5 s, and the system mounts it then."""

_LOOK_S = 0.1
_CODE = re.compile(r"code=([0-9A-Za-z]{4})")
_FORMATS = ("hex", "bin")
_AGAIN = ("fwgen flash again", "another --flasher, such as openocd, which says more")
_REASONS: Mapping[type[FwgenError], tuple[str, tuple[str, ...]]] = {
    LockedChip: (
        r"unlock|would lock|[Pp]rotect",
        ("unlock it with its maker's tool: that erases all of its flash",),
    ),
    WrongChip: (
        r"compatible|load address|out of bounds",
        ("--probe FOLDER, the drive of the right board",),
    ),
    NoProbe: (
        r"reset/halt|initialize the target|No target|not (?:detected|connected)",
        ("look at the jumpers and at the power of the chip behind the probe",),
    ),
    DeviceFault: ("", _AGAIN),
}
"""What FAIL.TXT says (DAPLink's ``source/daplink/error.c``, and ST's), and what to try then."""


@dataclass(frozen=True)
class DriveKind:
    """What a board's drive is known by, and what it takes."""

    codes: tuple[str, ...]
    format: str = "hex"


SECTION = Section(
    "mass_storage",
    "The drive of the board's probe, onto which images are copied.",
    (
        Key(
            "codes",
            Listed(Text("[0-9A-F]{4}", "4 digits of 0 to 9 and A to F, such as 0776"), least=1),
            "what the drive's MBED.HTM has after `code=`, by which the board is known",
        ),
        Key(
            "format",
            OneOf(lambda: _FORMATS),
            "the files to copy: those of Intel HEX have checksums, raw binaries have none",
            "hex",
        ),
    ),
    DriveKind,
)


def _probe(folder: Path) -> FlashProbe:
    code = code_of(folder)
    return FlashProbe(str(folder), f"code {code}" if code else "")


def code_of(folder: Path) -> str:
    """The board's code on its drive; empty if there is none.

    It is in the link of MBED.HTM, or begins the unique id in DETAILS.TXT.
    """
    found = _CODE.search(start_of_file(folder / SHORTCUT))
    return (found[1] if found else line_of_file(folder / INFO, "Unique ID")[:4]).upper()


def _identity(folder: Path) -> str:
    """What tells a drive from others of its kind; empty if nothing does."""
    return line_of_file(folder / INFO, "Unique ID") or start_of_file(folder / SHORTCUT)


@dataclass
class DriveTarget(Target):
    """A board whose probe has a drive, mounted at ``folder``."""

    folder: Path
    format: str
    base: int
    """Where raw binaries begin on the chip."""

    def write(self, segments: Sequence[LoadSegment]) -> None:
        if self.format == "bin" and segments[0].address != self.base:
            raise UsageError(
                f"A raw binary is written to {self.base:#010x}, and the image has {segments[0]}.",
                at=str(self.folder),
                tries=('format = "hex" in [mass_storage] of the board file', "another --flasher"),
            )
        who = _identity(self.folder)
        copy_onto(self.folder, f"firmware.{self.format}", image_file(segments, self.format))
        back = self._back(who)
        if back is None:
            self.note = (
                f"the drive did not come back within {RETURN_S:g} s, so it did not say whether "
                "the image is on the chip"
            )
        elif said := start_of_file(back / FAIL):
            raise _failure(said, back)

    def read(self, extents: Sequence[tuple[int, int]]) -> None:
        return None

    def reset(self) -> None:
        """The probe has started the image."""

    def _back(self, who: str) -> Path | None:
        """Where the drive is mounted again, perhaps elsewhere."""
        until = time.monotonic() + RETURN_S
        while True:
            for folder in (self.folder, *(drives_with(INFO) if who else ())):
                if is_there(folder / INFO) and _identity(folder) == who:
                    return folder
            if time.monotonic() > until:
                return None
            time.sleep(_LOOK_S)


def _failure(said: str, folder: Path) -> FwgenError:
    """The error for what FAIL.TXT says: with DAPLink's ``error:`` before it, or a line of ST's."""
    reason = printable(re.sub(r"^error:\s*", "", said).splitlines()[0].strip().rstrip("."))
    error, (_, tries) = next(each for each in _REASONS.items() if re.search(each[1][0], reason))
    what = f"The drive did not write the image: {reason}."
    return error(what, at=str(folder / FAIL), tries=tries)


class MassStorage(Flasher):
    """Boards with ``[mass_storage]``."""

    name = "drive"
    rank = 4

    def suits(self, board: Board) -> bool:
        return board.section(SECTION) is not None

    def takes(self, probe: str) -> bool:
        return may_be_drive(probe, INFO)

    def probes(self, board: Board | None) -> tuple[FlashProbe, ...]:
        own = board.section(SECTION) if board else None
        return tuple(
            _probe(folder)
            for folder in drives_with(INFO)
            if own is None or code_of(folder) in own.codes
        )

    def named_probe(self, name: str, board: Board) -> FlashProbe:
        folder = Path(name)
        if not is_there(folder / INFO):
            raise NoProbe(
                f"There is no drive of a debug probe: it has no {INFO}.",
                at=f"--probe {name}",
                tries=("fwgen flash --probes", "mount it, if nothing mounts drives here"),
            )
        return _probe(folder)

    def lock_key(self, probe: FlashProbe) -> str:
        folder = Path(probe.name)
        number = line_of_file(folder / INFO, "Unique ID")  # of a DAPLink, also on USB
        return number.casefold() or os.path.realpath(folder)

    def open(self, board: Board, probe: FlashProbe) -> Target:
        own = board.section(SECTION)
        assert own is not None, "it suits the board"
        folder = Path(probe.name)
        code = code_of(folder)
        if code not in own.codes:
            raise WrongChip(
                f"The drive is of a board with the code {code or '(none)'}, expected "
                f"{' or '.join(own.codes)}.",
                at=probe.name,
                tries=("--probe FOLDER, the drive of the right board",),
            )
        return DriveTarget(folder, own.format, board.region("vectors").origin)


FLASHER = MassStorage()
