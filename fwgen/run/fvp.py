"""Arm's Fixed Virtual Platforms: serial line over the TCP port of the model's terminal.

An FVP's counters are no cycles, not even relatively; Arm says so. They are called ticks here.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import socket
from functools import cached_property
from pathlib import Path

from fwgen.board import Board, Counter
from fwgen.errors import DeviceFault, DeviceUnavailable
from fwgen.link import Info, Timeouts
from fwgen.link.faults import Disconnected
from fwgen.run.process import Process

START_S = 30.0
"""From the start of the model to the announcement of its port."""

_PORT = re.compile(rb"telnetterminal0: Listening for serial connection on port (\d{1,5})")
_TELNET = re.compile(
    rb"\xff(?:[\xfb-\xfe].|\xfa.*?\xff\xf0|[\xf0-\xf9\xff])"  # option, subnegotiation, other
    rb"|(\xff(?:[\xfb-\xfe]?|\xfa(?:(?!\xff\xf0).){0,256}))\Z",  # the beginning of one
    re.DOTALL,
)


def explain_end(code: int | None, log: str, heard: bool) -> DeviceFault | DeviceUnavailable:
    """What it means that the model ended. Its exit code carries nothing about the firmware."""
    words = " / ".join(line.strip() for line in log.strip().splitlines()[-3:])
    return Disconnected(f"The FVP ended, exit code {code}. Its last words: {words or 'none'}")


class TelnetFilter:
    """Takes telnet's own bytes out of a stream that comes in pieces."""

    def __init__(self) -> None:
        self._held = b""

    def __call__(self, data: bytes) -> bytes:
        data, self._held = self._held + data, b""
        return _TELNET.sub(self._replace, data)

    def _replace(self, match: re.Match[bytes]) -> bytes:
        self._held = match[1] or b""
        return b"\xff" if match[0] == b"\xff\xff" else b""


class FvpProcess(Process):
    """An FVP whose stream is its terminal."""

    @cached_property
    def _strip(self) -> TelnetFilter:
        return TelnetFilter()

    def read(self, timeout_s: float) -> bytes:
        return self._strip(super().read(timeout_s))


def variable(board: Board) -> str:
    """The environment variable that names the FVP of a board."""
    return "FWGEN_FVP_" + re.sub(r"[^A-Z0-9]", "_", board.name.upper())


def _program(board: Board) -> str | None:
    assert board.fvp is not None
    return shutil.which(os.environ.get(variable(board)) or board.fvp.program)


class Fvp:
    """Boards that Arm has an FVP of; its executable is found by variable or on the PATH."""

    name = "fvp"
    rank = 2
    timeouts = Timeouts(boot_s=20.0)
    ends = False

    def suits(self, board: Board) -> bool:
        return board.fvp is not None

    def missing(self, board: Board) -> DeviceUnavailable | None:
        if _program(board):
            return None
        assert board.fvp is not None
        return DeviceUnavailable(
            f"The FVP of {board.name} is not installed: {board.fvp.program} is not on the PATH.",
            at=f"{variable(board)}={os.environ.get(variable(board), '')}",
            tries=(
                "accept Arm's licence and install the model: "
                "https://developer.arm.com/Tools%20and%20Software/Fixed%20Virtual%20Platforms",
                f"set {variable(board)} to the path of the executable",
                "run on QEMU: --runner qemu",
            ),
        )

    def command(self, board: Board, image: Path, *, counters: bool, limit_s: float) -> list[str]:
        assert board.fvp is not None
        terminals = [f"telnetterminal{number}.start_telnet=0" for number in (0, 1, 2, 5)]
        parameters = [
            "visualisation.disable-visualisation=1",
            *terminals,
            "telnetterminal0.mode=raw",
            "uart0.unbuffered_output=1",
            "uart0.shutdown_on_eot=1",
        ]
        settings = [*board.fvp.parameters, *(f"{board.fvp.prefix}.{each}" for each in parameters)]
        return [
            *(_program(board) or board.fvp.program, "-a", str(image)),
            *(word for setting in settings for word in ("-C", setting)),
            *("--stat", "--timelimit", str(math.ceil(limit_s))),
        ]

    def open(self, board: Board, image: Path, *, counters: bool, limit_s: float) -> Process:
        command = self.command(board, image, counters=counters, limit_s=limit_s)
        process = FvpProcess(command, explain_end, limit_s=limit_s + START_S)
        try:
            process.speak_through(_connect(process))
        except BaseException:
            process.close()
            raise
        return process

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        return Counter("fvp", "ticks") if info.hz else None

    def count(self, ticks: int, info: Info) -> int:
        return ticks


def _connect(process: Process) -> socket.socket:
    """A connection to the terminal's port, which the model announces on its standard output."""
    try:
        port = process.wait_for(_PORT, START_S)
    except Disconnected as end:
        raise DeviceUnavailable(f"The FVP did not start. {end.what}") from None
    if port is None:
        raise DeviceUnavailable(f"The FVP announced no serial port within {START_S:g} s.")
    try:
        return socket.create_connection(("127.0.0.1", int(port[1])), timeout=START_S)
    except (OSError, OverflowError) as error:
        raise DeviceUnavailable(
            f"The FVP's serial port could not be opened: {error}.", at=f"TCP port {int(port[1])}"
        ) from None


RUNNER = Fvp()
