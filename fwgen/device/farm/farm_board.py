"""A board of the farm as a Connection: the serial line of a place, and the place itself."""

from __future__ import annotations

import time
from dataclasses import replace

from fwgen.device.farm.held_place import HeldPlace
from fwgen.device.link.faults import WrongBuild
from fwgen.device.link.lines import Clock
from fwgen.device.serial.port import PortUnusable, SerialPort, open_port
from fwgen.device.serial.ports import find_place
from fwgen.errors import DeviceFault, FwgenError

START_S = 10.0
"""For a line to be there again after the board was switched on or written."""

LOOK_S = 0.5


class FarmBoard:
    """The board at ``place``, whose line has ``baud`` bits per s and is used for ``limit_s``.

    ``close`` gives the place back. Whether the board works is noted.
    """

    def __init__(self, place: HeldPlace, baud: int, limit_s: float) -> None:
        self.place = place
        self._baud, self._limit_s = baud, limit_s
        self._port: SerialPort | None = None

    def open(self, wait_s: float = 0.0) -> None:
        """Open the line, anew if it was; try for ``wait_s``. Raises DeviceFault if that cannot
        be."""
        if self._port is not None:
            self._port.close()
            self._port = None
        until = time.monotonic() + wait_s
        while self._port is None:
            url = self.place.line()  # after a power cycle it can be another one
            key = f"labgrid-{self.place.coordinator}-{self.place.name}"  # ports are other ones
            named = replace(find_place(url, ()), key=key, asked=f"{self.place} ({url})")
            try:
                self._port = open_port(named, self._baud, limit_s=self._limit_s)
            except PortUnusable as error:
                if time.monotonic() >= until:
                    raise self._dead(error) from None
                time.sleep(LOOK_S)

    def _dead(self, error: PortUnusable) -> DeviceFault:
        return DeviceFault(
            f"The serial line of a board of the farm is dead: {error.what}",
            at=error.at,
            tries=self._tries,
        )

    @property
    def _tries(self) -> tuple[str, ...]:
        return (
            f"labgrid-client -p {self.place.name} console, to talk to the board by hand",
            "--power always, if the place can switch the board's power",
        )

    @property
    def is_open(self) -> bool:
        """Whether its line is."""
        return self._port is not None

    @property
    def line(self) -> SerialPort:
        """The line, which is open."""
        assert self._port is not None
        return self._port

    @property
    def clock(self) -> Clock:
        return self.line.clock

    def read(self, timeout_s: float) -> bytes:
        return self.line.read(timeout_s)

    def write(self, data: bytes) -> None:
        self.line.write(data)

    def finish(self, timeout_s: float) -> None:
        """A board does not end by itself."""

    def answers(self) -> None:
        """Note that its firmware has answered as it should."""
        self.place.note(True)

    def complete(self, error: BaseException) -> None:
        """Say which board it was, and note that it does not work if that is what went wrong."""
        if isinstance(error, DeviceFault) and not isinstance(error, WrongBuild):
            self.place.note(False)
        if self._port is not None:
            self._port.complete(error)
        if isinstance(error, FwgenError) and self.place.name not in error.at:
            error.at = f"{self.place}: {error.at}" if error.at else str(self.place)

    def close(self) -> None:
        if self._port is not None:
            self._port.close()
        self.place.release()
