"""The interface board of energy mode, between a host and a device; and a device's pins on QEMU.

It speaks as ``io_manager.py`` and ``io_manager_enhanced.py`` of mlcommons/tiny expect it to: each
command is answered by lines up to ``m-ready``; ``dut COMMAND`` by two, after which the device's
own lines follow, each behind ``[dut]: ``.
"""

from __future__ import annotations

import os
import re
import select
import threading
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import serial

PREFIX = b"[dut]: "
_PIN = re.compile(
    rb"GPIO([A-K]): unimplemented device write \(size 4, offset 0x018, value 0x(\w+)\)"
)


def falls(log: bytes, pin: str) -> int:
    """How often the firmware pulled a pin of an STM32F4 low, by QEMU's log of writes to devices
    that it does not model: in BSRR, bits 16 to 31 reset pins 0 to 15."""
    bit = 1 << 16 + int(pin[1:])
    return sum(
        port.decode() == pin[0] and bool(int(value, 16) & bit) for port, value in _PIN.findall(log)
    )


class Pins:
    """The log of a QEMU as it is written: a FIFO, whose lines are counted as they come."""

    def __init__(self, path: Path, pin: str) -> None:
        os.mkfifo(path)
        self.options = ("-d", "unimp", "-D", str(path))
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self._pin, self._rest = pin, b""

    def new_falls(self) -> int:
        """Those since the last call."""
        try:
            self._rest += os.read(self.fd, 65536)
        except BlockingIOError:
            return 0
        lines, _, self._rest = self._rest.rpartition(b"\n")
        return falls(lines, self._pin)

    def close(self) -> None:
        os.close(self.fd)


class InterfaceBoard:
    """A thread with a pseudo terminal for the host, ``port``, and the device at another.

    ``on_edge`` is called for each fall of the device's pin, before later lines are passed on.
    """

    def __init__(
        self,
        device: str,
        baud: int,
        pins: Pins | None = None,
        on_edge: Callable[[], None] = lambda: None,
    ) -> None:
        self._device = serial.Serial(device, baud, timeout=0)
        self._pins, self._on_edge = pins, on_edge
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        self.port = os.ttyname(self._near)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with suppress(OSError):  # the device is gone
            self._serve()

    def _serve(self) -> None:
        from_host, from_device = b"", b""
        while not self._ended.is_set():
            watched = [self._far, self._device.fileno()]
            watched += [self._pins.fd] if self._pins else []
            ready, _, _ = select.select(watched, [], [], 0.05)
            if self._far in ready:
                *commands, from_host = (from_host + os.read(self._far, 4096)).split(b"%")
                for command in commands:
                    self._obey(command.strip().decode())
            more = self._device.read(self._device.in_waiting)
            # of before what the device has said by now
            for _ in range(self._pins.new_falls() if self._pins else 0):
                self._on_edge()
            *lines, from_device = (from_device + more).split(b"\n")
            for line in lines:
                self._say(PREFIX + line.strip(b"\r"))

    def _obey(self, command: str) -> None:
        if command.startswith("dut "):
            self._say(b"m-[dut]")
            self._device.write(command.removeprefix("dut ").encode() + b"%")
        else:
            for line in self._own_answer(*command.split()):
                self._say(line.encode())
        self._say(b"m-ready")

    def _own_answer(self, command: str, *words: str) -> list[str]:
        """The lines of an answer to a command that is not for the device."""
        return ["m-name-io-[stand-in]"] if command == "name" else []

    def _say(self, line: bytes) -> None:
        said = line + b"\r\n"
        while said:
            said = said[os.write(self._far, said) :]

    def close(self) -> None:
        self._ended.set()
        self._thread.join(5)
        self._device.close()
        for fd in (self._far, self._near):
            os.close(fd)
