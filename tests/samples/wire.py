"""A runner for devices at a TCP port: it starts no process, and has its own section and option.

No part of fwgen: a test puts this file into a copy of it, beside the other runners, and edits
nothing else. The device takes lines: ``flash BYTES`` with an image, ``reset``, and ``talk``, after
which the connection is its serial line.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

from fwgen.board import Board, Counter
from fwgen.board.keys import WORD, Integer, Key
from fwgen.board.sections import Section
from fwgen.device.link import Info
from fwgen.device.link.faults import Disconnected, NoAnswer
from fwgen.device.run.runner import Capability, Choice, Connection, Launch, Option, Runner
from fwgen.errors import DeviceUnavailable
from fwgen.npu.payload import Configuration

PORT = Option("--wire", "PORT", "the TCP port of this machine that the device is at")


@dataclass(frozen=True)
class Wire:
    """The greeting of the right device, and how long to wait for it."""

    greeting: str
    wait_s: int


SECTION = Section(
    "wire",
    "A device at the other end of a TCP connection.",
    (
        Key("greeting", WORD, "what the device says first"),
        Key("wait_s", Integer(1, 60), "seconds to wait for it", 10),
    ),
    Wire,
)


class Line:
    """The serial line of a device, over a socket."""

    clock = staticmethod(time.monotonic)

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def read(self, timeout_s: float) -> bytes:
        self._connection.settimeout(max(timeout_s, 0.001))
        try:
            data = self._connection.recv(1 << 16)
        except TimeoutError:
            return b""
        if not data:
            raise Disconnected("The wire was cut.")
        return data

    def write(self, data: bytes) -> None:
        self._connection.settimeout(5.0)
        try:
            self._connection.sendall(data)
        except TimeoutError:
            raise NoAnswer("The device takes no bytes any more.") from None

    def finish(self, timeout_s: float) -> None:
        until = self.clock() + timeout_s
        try:
            while self.clock() < until:
                self.read(until - self.clock())
        except Disconnected:
            return
        raise NoAnswer("The device did not hang up.")

    def complete(self, error: BaseException) -> None:
        if isinstance(error, Disconnected):
            error.tries = ("look at the plug",)

    def close(self) -> None:
        self._connection.close()


class WireRunner(Runner):
    """Boards with ``[wire]``."""

    name = "wire"
    rank = 7
    capabilities = frozenset({Capability.FLASH})
    options = (PORT,)
    ends = True

    def suits(self, board: Board) -> bool:
        return board.section(SECTION) is not None

    def missing(
        self, board: Board, npu: Configuration | None = None, choice: Choice | None = None
    ) -> DeviceUnavailable | None:
        if choice and PORT.flag in choice.options:
            return None
        return DeviceUnavailable("The wire leads nowhere.", tries=(f"{PORT.flag} {PORT.metavar}",))

    def flash(self, launch: Launch) -> None:
        image = launch.image.read_bytes()
        with self._dial(launch) as connection:
            connection.sendall(f"flash {len(image)}\n".encode() + image)
            assert connection.recv(16) == b"done\n"

    def connect(self, launch: Launch) -> Connection:
        connection = self._dial(launch)
        connection.sendall(b"talk\n")
        return Line(connection)

    def reset(self, launch: Launch, connection: Connection) -> None:
        with self._dial(launch) as control:
            control.sendall(b"reset\n")
            assert control.recv(16) == b"done\n"

    def counter(self, info: Info, *, counters: bool) -> Counter | None:
        return None

    def _dial(self, launch: Launch) -> socket.socket:
        wire = launch.board.section(SECTION)
        assert wire is not None
        port = int(launch.choice.options[PORT.flag])
        try:
            connection = socket.create_connection(("127.0.0.1", port), wire.wait_s)
        except OSError as error:
            raise DeviceUnavailable(f"Nobody is at the wire: {error.strerror}.") from None
        said = connection.recv(64).decode().strip()
        if said != wire.greeting:
            connection.close()
            raise DeviceUnavailable(f"The device says {said}, expected {wire.greeting}.")
        return connection


RUNNER = WireRunner()
