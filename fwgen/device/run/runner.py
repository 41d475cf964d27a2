"""The contract of a runner: how an image comes to run, and how one talks to it.

``run/<name>.py`` holds one ``RUNNER``; ``run/__init__.py`` finds it by itself. A session goes
through phases. The image is built, ``flash`` brings it onto the device, ``connect`` opens the line,
``reset`` starts the image from its beginning, and the link talks. A simulator does all of these in
``connect``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fwgen.board import Board, Counter
from fwgen.device.link import Info, Timeouts
from fwgen.device.link.lines import Clock, Stream
from fwgen.device.link.memory import DeviceMemory
from fwgen.device.link.transcript import Transcript
from fwgen.errors import DeviceUnavailable, UsageError
from fwgen.model.sizes import ModelSizes

if TYPE_CHECKING:
    from fwgen.npu.payload import Configuration


class Capability(Enum):
    """What a runner may be asked for that not all can do; the value ends "It cannot ..."."""

    COUNTERS = "count what an inference takes"
    NPU = "run command streams of an NPU"
    FLASH = "write an image to flash"
    RECORD = "record what is executed"
    MEMORY = "reach the device's memory"


@dataclass(frozen=True)
class Option:
    """An option that a runner adds to the command line, such as ``--fvp FILE``; ``what`` is its
    help."""

    flag: str
    metavar: str
    what: str


@dataclass(frozen=True)
class Choice:
    """The user's wishes for a runner.

    ``name`` is None for the first runner that suits. ``options`` are values of runners' options, by
    their flags. ``needs`` are capabilities that the runner must have. ``limits`` are those of the
    link, by the names of Timeouts, that are not to be the runner's; ``session_s`` is that of all
    together. ``serial`` has inputs and outputs go by the line even where the runner reaches the
    device's memory.
    """

    name: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    needs: frozenset[Capability] = frozenset()
    limits: Mapping[str, float] = field(default_factory=dict)
    session_s: float = inf
    serial: bool = False


@dataclass(frozen=True)
class Launch:
    """An image to run: for ``board``, on the runner of the user's ``choice``, for its NPU ``npu``
    if it is for one.

    ``build`` is the build id that the image must have, None for any. ``model`` is the number of one
    of several models in the image, None if it has one. The firmware must tell ``sizes`` of its
    model, None for any. ``counters`` asks for counts that mean something; without them a runner may
    be faster. One inference may take ``inference_s``, all together ``limit_s``, which may be
    infinite. Without ``flash`` the device keeps the firmware that it has. ``transcript`` is shown
    what passes on the line.
    """

    board: Board
    image: Path
    choice: Choice = field(default_factory=Choice)
    npu: Configuration | None = None
    build: str | None = None
    model: int | None = None
    counters: bool = True
    inference_s: float = 60.0
    limit_s: float = inf
    flash: bool = True
    transcript: Transcript | None = None
    sizes: ModelSizes | None = None


class Connection(Stream, Protocol):
    """A device that runs, at the other end of a line; a child process or not.

    ``read``, ``write`` and ``close`` are a Stream's. After ``close``, which may be called again,
    nothing of the connection is left on this machine.
    """

    @property
    def clock(self) -> Clock:
        """Seconds by which the limits of the session are measured."""

    def finish(self, timeout_s: float) -> None:
        """Wait until the device ended by itself; raises the DeviceFault that it ended with."""

    def complete(self, error: BaseException) -> None:
        """Add to an error of ours what the connection knows, such as where its log is."""


class Runner(ABC):
    """One way to run an image."""

    name: str
    rank: int
    """The one of the lowest rank that suits a board and can do what is asked is its default."""
    capabilities: frozenset[Capability] = frozenset()
    options: tuple[Option, ...] = ()
    timeouts: Timeouts = Timeouts()
    """Of the link; ``inference_s`` is replaced by the caller's."""
    ends = False
    """Whether the device ends by itself after ``fw-end``."""
    attached = False
    """Whether it is a board, which runs on when the session is over, and only where it is named or
    no simulator can do what is asked is it taken."""

    @abstractmethod
    def suits(self, board: Board) -> bool:
        """Whether the board's images can run here at all."""

    def refusal(self, board: Board, npu: Configuration | None) -> UsageError | None:
        """The reason why it cannot run this image, though it runs others of the board; None if
        it can."""
        return None

    def missing(
        self, board: Board, npu: Configuration | None = None, choice: Choice | None = None
    ) -> DeviceUnavailable | None:
        """The reason why the runner cannot run on this machine, with what to install; None if it
        can."""
        return None

    def notes(self, board: Board) -> tuple[str, ...]:
        """What is to be told of each run of the board's images here."""
        return ()

    def limits(self, launch: Launch) -> Timeouts:
        """``timeouts`` for a launch, with what the user said of them."""
        return replace(self.timeouts, inference_s=launch.inference_s, **launch.choice.limits)

    def flash(self, launch: Launch) -> None:  # noqa: B027, a phase that simulators do not have
        """Bring the image onto the device, if it keeps one. Raises DeviceFault, DeviceUnavailable,
        ToolError."""

    @abstractmethod
    def connect(self, launch: Launch) -> Connection:
        """Open the line to the device; the caller closes what is returned.

        Raises DeviceUnavailable, and UsageError for an image that is not for the NPU.
        """

    def reset(self, launch: Launch, connection: Connection) -> None:  # noqa: B027, likewise
        """Start the image from its beginning, if ``connect`` has not. Raises as ``flash``."""

    def memory(self, connection: Connection) -> DeviceMemory | None:
        """The device's memory, of a runner with ``Capability.MEMORY``."""
        return None

    def place(self, connection: Connection) -> str:
        """Where the device is, of a runner that reaches several; "" of others."""
        return ""

    @abstractmethod
    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        """What the firmware's ticks are here once converted, None if they mean nothing."""

    def count(self, ticks: int, info: Info) -> int:
        """Ticks as a number in the counter's unit."""
        return ticks
