"""The contract of a runner file: how an image comes to run and how one talks to it.

``run/<name>.py`` holds one ``RUNNER``; ``run/__init__.py`` finds it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fwgen.board import Board, Counter
from fwgen.device.link import Info, Timeouts
from fwgen.device.run.process import Process
from fwgen.errors import DeviceUnavailable
from fwgen.npu.payload import Configuration


@dataclass(frozen=True)
class Launch:
    """An image to run: for ``board``, and for its NPU ``npu`` if it is for one.

    ``counters`` asks for counts that mean something; without them a runner may be faster. All is
    over after ``limit_s``, which may be infinite.
    """

    board: Board
    image: Path
    counters: bool
    limit_s: float
    npu: Configuration | None = None


class Runner(Protocol):
    """One way to run an image."""

    name: str
    rank: int
    """The runner of the lowest rank that suits a board is its default."""
    timeouts: Timeouts
    """Of the link; ``inference_s`` is replaced by the caller's."""
    ends: bool
    """Whether the process ends by itself after ``fw-end``."""

    def suits(self, board: Board) -> bool:
        """Whether the board's images can run here at all."""

    def missing(self, board: Board, npu: Configuration | None = None) -> DeviceUnavailable | None:
        """Why it cannot run on this machine, with what to install; None if it can."""

    def command(self, launch: Launch) -> list[str]:
        """The command line."""

    def open(self, launch: Launch) -> Process:
        """Start it, with the NPU that it is for, if any; the caller closes what is returned.

        Raises UsageError for an NPU that does not suit, DeviceUnavailable.
        """

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        """What the firmware's ticks are here once converted, None if they mean nothing."""

    def count(self, ticks: int, info: Info) -> int:
        """Ticks as a number in the counter's unit."""
