"""A serial wire (SWD) before a debug port, bit by bit: the server of OpenOCD's ``remote_bitbang``.

Sources: ADIv5, chapter "The Serial Wire Debug Port"; OpenOCD's ``doc/manual/jtag/drivers/
remote_bitbang.txt`` for the letters: d, e, f, g set clock and data, c asks for data.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.device.flash.debug_port import DebugPort
from tests.device.flash.listener import Listener

RESET_ONES = 50  # of a line reset
ACK_OK, ACK_FAULT = [1, 0, 0], [0, 0, 1]

CONFIG = """
adapter driver remote_bitbang
remote_bitbang host 127.0.0.1
remote_bitbang port {port}
transport select swd
# The chip's file sets a speed before and after a reset, which this adapter has none of.
proc {{adapter speed}} {{args}} {{}}
"""


class SerialWire:
    """The target's end of the wire: its clock edges in, its data out.

    As a host has it that detects overruns (ORUNDETECT), data follow each acknowledgement.
    """

    def __init__(self, port: DebugPort) -> None:
        self._port = port
        self._clock = self._ones = self._posted = 0
        self._state = "deaf"  # until the first line reset
        self._bits: list[int] = []
        self._out: list[int] = []
        self._is_ap, self._address = 0, 0

    @property
    def level(self) -> int:
        """The data line; it is pulled up."""
        return self._out[0] if self._out else 1

    def set(self, clock: int, data: int) -> None:
        """Both lines as the probe drives them."""
        rising = clock and not self._clock
        self._clock = clock
        if rising:
            self._edge(data)

    def _edge(self, data: int) -> None:
        if self._out:
            self._out.pop(0)
            if not self._out and self._state == "acknowledge":
                self._state = "write"
            elif not self._out:
                self._state = "idle"
        elif self._state == "write":
            self._take_write(data)
        else:
            self._take_request(data)

    def _take_write(self, data: int) -> None:
        self._bits.append(data)
        if len(self._bits) == 33:  # with its parity
            value = sum(bit << n for n, bit in enumerate(self._bits[:32]))
            self._bits, self._state, self._ones = [], "idle", 0
            if not self._is_ap:
                self._port.write_dp(self._address, value)
            elif not self._port.sticky:
                try:
                    self._port.write_ap(self._address, value)
                except OSError:
                    self._port.sticky = True

    def _take_request(self, data: int) -> None:
        self._ones = self._ones + 1 if data else 0
        if self._ones >= RESET_ONES:
            self._state, self._bits = "reset", []
        elif self._state == "reset":
            if not data:
                self._state, self._bits = "idle", []
        elif self._state == "idle" and (self._bits or data):
            self._bits.append(data)
            if len(self._bits) == 8:
                self._answer()

    def _answer(self) -> None:
        _, is_ap, read, a2, a3, parity, stop, park = self._bits
        self._bits = []
        if stop or not park or is_ap ^ read ^ a2 ^ a3 != parity:
            self._state = "deaf"  # it was no request: the word that chooses SWD, for one
            return
        self._is_ap, self._address, self._ones = is_ap, a2 << 2 | a3 << 3, 0
        # After an error, only DPIDR, CTRL/STAT and ABORT answer; data follow all the same.
        fault = self._port.sticky and (is_ap or self._address > 4)
        acknowledgement = ACK_FAULT if fault else ACK_OK
        if not read:
            self._out, self._state = [1, *acknowledgement, 1], "acknowledge"
            return
        value = 0 if fault else self._read()
        bits = [value >> n & 1 for n in range(32)]
        self._out, self._state = [1, *acknowledgement, *bits, sum(bits) & 1, 1], "read"

    def _read(self) -> int:
        """Reads of an AP are posted: the value comes with the next one."""
        if not self._is_ap:
            return self._posted if self._address == 12 else self._port.read_dp(self._address)
        value = self._posted
        try:
            self._posted = self._port.read_ap(self._address)
        except OSError:
            self._posted, self._port.sticky = 0, True
        return value


class BitbangServer(Listener):
    """Listens for OpenOCD, one process after another; ``config`` is its file for ``--probe``.

    When ``pulled`` says so, the plug is pulled: nobody is there any more.
    """

    def __init__(self, port: DebugPort, folder: Path) -> None:
        super().__init__()
        self._debug, self._wire = port, SerialWire(port)
        self.pulled: Callable[[], bool] = lambda: False
        self.config = folder / "wire.cfg"
        self.config.write_text(CONFIG.format(port=self.port))

    def serve(self) -> None:
        while True:
            with self.accept() as client:
                while (letters := client.recv(1 << 16)) and not self.pulled():
                    if answer := self._take(letters):
                        client.sendall(answer)
                    if b"Q" in letters:
                        break
            if self.pulled():
                return

    def _take(self, letters: bytes) -> bytes:
        answer = bytearray()
        for letter in letters:
            if letter in b"defg":
                lines = letter - ord("d")
                self._wire.set(lines >> 1, lines & 1)
            elif letter == ord("c"):
                answer.append(ord("0") + self._wire.level)
            elif letter in b"rt":
                self._debug.core.reset()
        return bytes(answer)
