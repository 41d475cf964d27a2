"""The serial port of a device as a Connection: pyserial's port, its faults named, waits bounded."""

from __future__ import annotations

import errno
import termios
from contextlib import suppress
from math import inf
from typing import Protocol

from fwgen.device.link.faults import BootTimeout, Disconnected, NoAnswer, OutOfTime, WrongBuild
from fwgen.device.link.lines import Clock
from fwgen.device.serial.port_lock import PortLock
from fwgen.device.serial.ports import REMOTE, Place, list_ports
from fwgen.errors import DeviceUnavailable, FwgenError, UsageError, printable
from fwgen.host.patience import Patience

SLICE_S = 0.05
"""One wait for a byte, as pyserial counts it; ours are many of these.

To change the wait of an open port would set up the whole line anew, over the network as well.
"""
STALL_S = 5.0  # longest wait for a device that takes nothing
PIECE_BYTES = 512  # so that STALL_S is enough for a piece, at 1200 baud, too
CHUNK_BYTES = 1 << 16

Lost = (OSError, termios.error, TypeError)
"""What pyserial raises for a port that is gone: its SerialException is an OSError. A reader thread
that died leaves None where bytes were (TypeError)."""


class PortUnusable(DeviceUnavailable):
    """A port is there, or its server is, but it cannot be opened."""


class RawPort(Protocol):
    """What is used of pyserial's ``Serial``."""

    @property
    def in_waiting(self) -> int: ...
    def read(self, size: int) -> bytes: ...
    def write(self, data: bytes) -> int | None: ...
    def close(self) -> None: ...


class SerialPort:
    """An open port, which is ours alone.

    All limits are in seconds of ``clock``, which stands while we wait for a processor.
    """

    def __init__(
        self,
        raw: RawPort,
        place: Place,
        lock: PortLock | None = None,
        *,
        limit_s: float = inf,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Patience()
        self.place = place
        self._raw = raw
        self._lock = lock
        self._limit_s = limit_s
        self._deadline = self.clock() + limit_s
        self._gone: BaseException | None = None

    def read(self, timeout_s: float) -> bytes:
        until = self.clock() + timeout_s
        while self._gone is None:
            if self.clock() >= self._deadline:
                raise OutOfTime(f"The session took longer than {self._limit_s:g} s.")
            try:
                data = self._raw.read(1)
            except Lost as error:
                self._gone = error
                break
            if data:
                return data + self._rest()
            if self.clock() >= until:
                return b""
        raise self._disconnected()

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE_BYTES):
            if self._gone is not None:
                return  # reading tells why
            try:
                self._raw.write(data[start : start + PIECE_BYTES])
            except Lost as error:
                if type(error).__name__ == "SerialTimeoutException":
                    raise NoAnswer("The device takes no bytes any more.") from None
                self._gone = error

    def finish(self, timeout_s: float) -> None:
        """A board does not end by itself."""

    def complete(self, error: BaseException) -> None:
        """Add to an error what helps with a board at a port."""
        if isinstance(error, WrongBuild):
            error.tries = ("flash it: fwgen flash PROJECT", *error.tries)
        elif isinstance(error, BootTimeout):
            error.tries = (
                *(() if "nothing" in error.what else ("--baud N, the speed of the firmware",)),
                "flash it: fwgen flash PROJECT",
                "reset the board, or pull its plug: firmware that had a fault stands still",
                "--boot-timeout S, if it may still be at work",
                *error.tries,
            )
        if isinstance(error, FwgenError) and not error.at:
            error.at = self.place.asked

    def close(self) -> None:
        with suppress(*Lost):
            self._raw.close()
        if self._lock is not None:
            self._lock.release()

    def _rest(self) -> bytes:
        """What is there already. The bytes before count if the line is cut meanwhile."""
        rest = bytearray()
        try:
            while len(rest) < CHUNK_BYTES and (waiting := self._raw.in_waiting):
                rest += self._raw.read(min(waiting, CHUNK_BYTES))
        except Lost as error:
            self._gone = error
        return bytes(rest)

    def _disconnected(self) -> Disconnected:
        why = printable(str(self._gone)) if not isinstance(self._gone, TypeError) else "no reason"
        return Disconnected(
            f"The serial port is gone: {why}.",
            at=self.place.asked,
            tries=("look at the plug, and at the power of the board",),
        )


def open_port(place: Place, baud: int, *, limit_s: float = inf) -> SerialPort:
    """Open a port that nobody else uses. A device of this machine forgets what came before.

    Raises DeviceUnavailable for a port that is not there, is used or may not be, and UsageError for
    what is no port.
    """
    lock = PortLock(place.key, place.asked)
    try:
        return SerialPort(_raw(place, baud), place, lock, limit_s=limit_s)
    except BaseException:
        lock.release()
        raise


def _raw(place: Place, baud: int) -> RawPort:
    from serial import serial_for_url

    try:
        if place.url.startswith(REMOTE):
            from fwgen.device.serial.remote_port import RemotePort

            # It takes no write_timeout, but has 5 s of its own for its socket.
            remote: RawPort = RemotePort(place.url, baudrate=baud, timeout=SLICE_S)
            return remote
        # Its own lock (flock) is also kept by programs of other users.
        own = {"exclusive": True} if place.local else {}
        raw: RawPort = serial_for_url(
            place.url, baudrate=baud, timeout=SLICE_S, write_timeout=STALL_S, **own
        )
    except ValueError as error:
        raise UsageError(
            f"This is no port that can be opened: {printable(str(error))}.",
            at=f"--port {place.asked} --baud {baud}",
            tries=("--port /dev/ttyACM0", "--port socket://HOST:PORT"),
        ) from None
    except Lost as error:
        raise _unavailable(place, error) from None
    return raw


def _unavailable(place: Place, error: BaseException) -> DeviceUnavailable:
    """Why a port could not be opened."""
    number = getattr(error, "errno", None)
    if number == errno.ENOENT:
        known = tuple(f"--port {port.device}, which is there" for port in list_ports())
        tries = ("plug the board in, or wait until it has started", *known)
        return DeviceUnavailable("There is no such port.", at=place.asked, tries=tries)
    if number in (errno.EACCES, errno.EPERM):
        return DeviceUnavailable(
            "You may not open the port.",
            at=place.asked,
            tries=("sudo usermod -aG dialout $USER, and log in again",),
        )
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(error):
        return DeviceUnavailable(
            "The port is used by another program.",
            at=place.asked,
            tries=(f"fuser -v {place.url} tells which",),
        )
    return PortUnusable(
        f"The port could not be opened: {printable(str(error))}.",
        at=place.asked,
        tries=("look at the plug",) if place.local else ("see that its server runs",),
    )
