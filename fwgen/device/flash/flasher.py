"""The contract of a flasher: how an image comes into the flash of a board.

``flash/<name>.py`` holds one ``FLASHER``; ``flash/__init__.py`` finds it by itself. A flasher opens
a ``Target``, the board at one probe, which is written, read, started and closed. What is written is
read back and compared in ``flash/__init__.py`` alone, in the same way for all.
"""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from fwgen.board import Board
from fwgen.build.image_formats.load_segments import LoadSegment
from fwgen.device.flash.flash_faults import NoProbe, several
from fwgen.errors import DeviceUnavailable

SERVER = re.compile(r"(?P<host>[A-Za-z0-9_.-]{1,100}|\[[0-9a-fA-F:.]{2,45}\]):(?P<port>[0-9]{1,5})")
"""What calls a server: HOST:PORT."""


@dataclass(frozen=True)
class FlashProbe:
    """Something at which a board may be: ``name`` is what ``--probe`` calls it, ``what`` is for
    people."""

    name: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.what})" if self.what else self.name


class Target(ABC):
    """A board at a probe, whose core stands still until ``reset``.

    All methods end in bounded time, and raise the named failures of ``flash_faults``, ToolError for
    a program that is missing, and DeviceFault for one that failed.
    """

    note: str = ""
    """What a user should know of what was done, as the end of a sentence."""

    @abstractmethod
    def write(self, segments: Sequence[LoadSegment]) -> None:
        """Erase what is to be written, and write it."""

    @abstractmethod
    def read(self, extents: Sequence[tuple[int, int]]) -> list[bytes] | None:
        """The bytes of each (address, size), as the core sees them; None if the way that the image
        takes leads only in one direction."""

    @abstractmethod
    def reset(self) -> None:
        """Start the core from its beginning, without a halt."""

    def close(self) -> None:  # noqa: B027, most have nothing to close
        """Let go of the probe. May be called again."""


class Flasher(ABC):
    """One way to write images to boards."""

    name: str
    rank: int
    """The one of the lowest rank that suits a board and is not missing is its default."""

    @abstractmethod
    def suits(self, board: Board) -> bool:
        """Whether it can write to the board: its file says with what."""

    def missing(self, board: Board) -> DeviceUnavailable | None:
        """The reason why it cannot work on this machine, with what to install; None if it can."""
        return None

    def takes(self, probe: str) -> bool:
        """Whether what a user calls a probe looks like one of its own: mostly a serial number."""
        return not (
            probe.endswith(".cfg")
            or SERVER.fullmatch(probe)
            or os.path.isdir(probe)
            or "/" in probe
        )

    @abstractmethod
    def probes(self, board: Board | None) -> tuple[FlashProbe, ...]:
        """The probes that are there now, at which a board may be: ``board``, or any."""

    def named_probe(self, name: str, board: Board) -> FlashProbe:
        """The probe that a user names. Raises NoProbe for one that is not there."""
        return FlashProbe(name)

    def only_probe(self, board: Board) -> FlashProbe:
        """The probe to take if the user names none. Raises NoProbe, SeveralProbes."""
        found = self.probes(board)
        if not found:
            raise NoProbe(
                f"Flasher {self.name} finds nothing through which it could write {board.name}.",
                at=f"--flasher {self.name}",
                tries=(
                    "plug the board or its probe in, with a cable for data",
                    "fwgen flash --probes, which lists what each flasher finds",
                ),
            )
        if len(found) > 1:
            raise several([p.name for p in found], [*map(str, found)])
        return found[0]

    def lock_key(self, probe: FlashProbe) -> str:
        """What a probe is locked by while it is used: the same for all flashers that reach it."""
        return probe.name.casefold() or self.name

    @abstractmethod
    def open(self, board: Board, probe: FlashProbe) -> Target:
        """The board at a probe; the caller closes what is returned.

        Raises the named failures of ``flash_faults``.
        """
