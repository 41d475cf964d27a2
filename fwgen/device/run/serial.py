"""A board at a serial port: plugged in here, or at a server that gives its line over TCP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fwgen.board import Board, Counter
from fwgen.device.flash import Flashed, flash_image
from fwgen.device.flash.rom_check import check_rom
from fwgen.device.link import Info, Link, Timeouts
from fwgen.device.run.runner import Capability, Choice, Connection, Launch, Option, Runner
from fwgen.device.run.serial_flash import FLASHER, PROBE, runs_image, wish_of
from fwgen.device.serial.port import SerialPort, open_port
from fwgen.device.serial.ports import Place, find_place, find_port, line_of
from fwgen.errors import DeviceUnavailable, UsageError

if TYPE_CHECKING:
    from fwgen.npu.payload import Configuration

PORT = Option(
    "--port",
    "URL",
    "where the board is: /dev/ttyACM0, usb:SERIALNUMBER, rfc2217://HOST:PORT, socket://HOST:PORT "
    "(default: the only port that fits the board)",
)
BAUD = Option("--baud", "N", "speed of the line (default: the board's, mostly 115200)")

CYCLE_COUNTERS = frozenset({"dwt", "pmu"})
"""Counters of the core's own cycles; the ticks of all others are converted into microseconds."""

_BAUDS = (300, 12_000_000)
_CHARACTERS = 4  # of an answer for each byte of data, at most; a character is ten bits


class Serial(Runner):
    """Boards that have firmware and ``[uart]``.

    The firmware is asked at once whether it is there: what it said at its start may be long past.
    It is never told to end, for then somebody would have to start it again.
    """

    name = "serial"
    rank = 3
    capabilities = frozenset({Capability.COUNTERS, Capability.NPU, Capability.FLASH})
    options: tuple[Option, ...] = (PORT, BAUD, FLASHER, PROBE)
    timeouts = Timeouts(boot_s=8.0, banner_s=0.0)
    attached = True

    def suits(self, board: Board) -> bool:
        return not board.native and not board.library_only and board.uart is not None

    def missing(
        self, board: Board, npu: Configuration | None = None, choice: Choice | None = None
    ) -> DeviceUnavailable | None:
        try:
            _place(board, choice or Choice())
        except DeviceUnavailable as error:
            return error
        baud_of(board, choice or Choice())
        return None

    def limits(self, launch: Launch) -> Timeouts:
        rate = baud_of(launch.board, launch.choice) / 10 / _CHARACTERS
        limits = super().limits(launch)
        return replace(limits, bytes_per_s=min(limits.bytes_per_s, rate))

    def flash(self, launch: Launch) -> None:
        """Write the image, if the board does not run it and a flasher is certain to reach it."""
        wish = wish_of(launch, _place(launch.board, launch.choice))
        if wish is None or launch.build is None:
            return
        connection = self.connect(launch)
        try:
            current = runs_image(connection, launch, self.limits(launch))
        finally:
            connection.close()
        if not current:
            done = flash_image(launch.board, launch.image, wish)
            if not done.compared:
                self._check(launch, done)

    def _check(self, launch: Launch, done: Flashed) -> None:
        """Have the firmware look at what its flasher could not read back."""
        connection = self.connect(launch)
        try:
            timeouts = self.limits(launch)
            link = Link(connection, build=launch.build, timeouts=timeouts, clock=connection.clock)
            link.wait_boot()
            link.info()
            check_rom(link, launch.board, done.segments)
        finally:
            connection.close()

    def connect(self, launch: Launch) -> Connection:
        board, choice = launch.board, launch.choice
        return open_port(_place(board, choice), baud_of(board, choice), limit_s=launch.limit_s)

    def place(self, connection: Connection) -> str:
        assert isinstance(connection, SerialPort)
        return connection.place.asked

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        if not info.hz:
            return None
        return Counter(info.counter, "cycles" if _counts_cycles(info) else "microseconds")

    def count(self, ticks: int, info: Info) -> int:
        if _counts_cycles(info):
            return ticks
        return (ticks * 1_000_000 + info.hz // 2) // info.hz


def _counts_cycles(info: Info) -> bool:
    return info.counter in CYCLE_COUNTERS and info.unit == "cycles"


def _place(board: Board, choice: Choice) -> Place:
    asked = choice.options.get(PORT.flag)
    return find_port(board) if asked is None else find_place(asked)


def baud_of(board: Board, choice: Choice) -> int:
    """The speed of the line: the user's wish, or the board's own. Raises UsageError."""
    asked = choice.options.get(BAUD.flag)
    return line_of(board).baud if asked is None else read_baud(asked)


def read_baud(asked: str) -> int:
    """The speed that a user asks for. Raises UsageError."""
    least, most = _BAUDS
    if not (asked.isascii() and asked.isdecimal() and least <= int(asked[:9]) <= most):
        raise UsageError(
            f"Expected a speed from {least:,} to {most:,} baud, got {asked[:20]!r}.", at=BAUD.flag
        )
    return int(asked)


RUNNER = Serial()
