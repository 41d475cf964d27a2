"""Serial ports: those of this machine, the one that fits a board, and what a user calls one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from fwgen.board import Board
from fwgen.board.keys import Integer, Key, Listed
from fwgen.board.sections import Section
from fwgen.errors import DeviceUnavailable

BAUD = 115_200
USB = "usb:"
REMOTE = "rfc2217://"
_ID = Integer(1, 0xFFFF)


@dataclass(frozen=True)
class SerialLine:
    """How a board's line is set up, and the USB ids of what it is plugged in with; none if they are
    not known."""

    baud: int = BAUD
    usb_vid: int | None = None
    usb_pid: tuple[int, ...] = ()

    def fits(self, port: ListedPort) -> bool:
        """Whether the board can be at a port: it is on USB, with the board's ids if they are
        known."""
        if port.vid is None:
            return False
        vendor = self.usb_vid in (None, port.vid)
        return vendor and (not self.usb_pid or port.pid in self.usb_pid)


SECTION = Section(
    "serial",
    "The serial port of a board that is plugged in.",
    (
        Key("baud", Integer(300, 12_000_000), "the speed that its firmware sets, in bits per s"),
        Key("usb_vid", _ID, "the vendor of its USB port or debug probe", None),
        Key("usb_pid", Listed(_ID), "the products of that vendor that it may be", ()),
    ),
    SerialLine,
)


@dataclass(frozen=True)
class ListedPort:
    """A port of this machine. What is known of it is None on lines that are not on USB;
    ``location`` is where on the bus it is."""

    device: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None
    product: str | None = None
    location: str | None = None

    def __str__(self) -> str:
        usb = f"{self.vid:04x}:{self.pid or 0:04x}" if self.vid is not None else "not on USB"
        return ", ".join(filter(None, (self.device, usb, self.product, self.serial_number)))


@dataclass(frozen=True)
class Place:
    """A port to open: ``url`` is what pyserial takes, ``key`` is the same however the user called
    it, and ``asked`` is what they called it."""

    url: str
    key: str
    asked: str

    @property
    def local(self) -> bool:
        """Whether it is a device of this machine."""
        return "://" not in self.url


def list_ports() -> tuple[ListedPort, ...]:
    """The ports of this machine, by their names."""
    from serial.tools.list_ports import comports

    return tuple(
        ListedPort(
            *(port.device, port.vid, port.pid, port.serial_number, port.product, port.location)
        )
        for port in sorted(comports(), key=lambda port: str(port.device))
    )


def line_of(board: Board) -> SerialLine:
    """The serial line of a board, as its file says or as most are."""
    return board.section(SECTION) or SerialLine()


def find_port(board: Board) -> Place:
    """The only port of this machine that fits a board. Raises DeviceUnavailable, which lists those
    there are."""
    ports = list_ports()
    fitting = [port for port in ports if line_of(board).fits(port)]
    if len(fitting) == 1:
        return find_place(fitting[0].device, ports)
    if fitting:
        raise DeviceUnavailable(
            f"{len(fitting)} ports fit {board.name}.",
            at="; ".join(map(str, fitting)),
            tries=tuple(f"--port {best_name(port, fitting)}" for port in fitting),
        )
    raise DeviceUnavailable(
        f"No serial port of this machine fits {board.name}.",
        at="; ".join(map(str, ports)) or "there are no serial ports here",
        tries=(
            "plug the board in, and see that its cable is one for data",
            "--port URL: /dev/ttyACM0, usb:SERIALNUMBER, rfc2217://HOST:PORT or socket://HOST:PORT",
        ),
    )


def find_place(asked: str, ports: Iterable[ListedPort] | None = None) -> Place:
    """The port that a user names. Raises DeviceUnavailable for a USB serial number that no port
    has, or several.

    The key of a device on USB is its serial number, which stays when it is plugged in anew.
    """
    known = list_ports() if ports is None else tuple(ports)
    if asked.startswith(USB):
        asked_number = asked.removeprefix(USB)
        found = [port for port in known if port.serial_number == asked_number]
        if len(found) != 1:
            raise DeviceUnavailable(
                f"{len(found) or 'No'} ports have the USB serial number {asked_number}.",
                at="; ".join(map(str, known)) or "there are no serial ports here",
                tries=tuple(f"--port {best_name(port, known)}" for port in found or known),
            )
        return Place(found[0].device, _key(found[0]), asked)
    if "://" in asked:
        url = asked
        # Servers on lines without modem signals never confirm DTR and RTS.
        if asked.startswith(REMOTE) and "ign_set_control" not in asked:
            url += ("&" if "?" in asked else "?") + "ign_set_control"
        return Place(url, asked.partition("?")[0], asked)
    real = os.path.realpath(asked)
    for port in known:
        if os.path.realpath(port.device) == real:
            return Place(asked, _key(port), asked)
    return Place(asked, real, asked)


def _key(port: ListedPort) -> str:
    if not port.serial_number:
        return os.path.realpath(port.device)
    interface = re.search(r":[0-9.]+$", port.location or "")  # of a device with several ports
    return f"usb-{port.vid or 0:04x}-{port.serial_number}{interface[0] if interface else ''}"


def best_name(port: ListedPort, among: Iterable[ListedPort]) -> str:
    """What to call a port: its serial number if no other has it, for devices change names."""
    same = [other for other in among if other.serial_number == port.serial_number]
    return f"{USB}{port.serial_number}" if port.serial_number and len(same) == 1 else port.device
