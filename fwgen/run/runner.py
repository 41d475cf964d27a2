"""The contract of a runner file: how an image comes to run and how one talks to it.

``run/<name>.py`` holds one ``RUNNER``; ``run/__init__.py`` finds it by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from fwgen.board import Board, Counter, Npu
from fwgen.errors import DeviceUnavailable, UsageError
from fwgen.link import Info, Timeouts
from fwgen.npu.payload import Configuration
from fwgen.run.process import Process


class Runner(Protocol):
    """One way to run an image.

    ``counters`` asks for counts that mean something; without them a runner may be faster.
    """

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

    def command(
        self,
        board: Board,
        image: Path,
        *,
        counters: bool,
        limit_s: float,
        npu: Configuration | None = None,
    ) -> list[str]:
        """The command line."""

    def open(
        self,
        board: Board,
        image: Path,
        *,
        counters: bool,
        limit_s: float,
        npu: Configuration | None = None,
    ) -> Process:
        """Start it, with the NPU that the image is for, if any; the caller closes what is returned.

        Raises UsageError for an NPU that does not suit, DeviceUnavailable.
        """

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        """What the firmware's ticks are here once converted, None if they mean nothing."""

    def count(self, ticks: int, info: Info) -> int:
        """Ticks as a number in the counter's unit."""


def npu_of(board: Board, configuration: Configuration) -> Npu:
    """The board's NPU of that configuration. Raises UsageError if it cannot have one."""
    for npu in board.npus:
        if configuration.name in npu.configurations:
            return npu
    known = ", ".join(name for npu in board.npus for name in npu.configurations) or "none"
    raise UsageError(
        f"The board {board.name} has no {configuration.name}.",
        at="--npu",
        tries=(f"its NPUs: {known}",),
    )
