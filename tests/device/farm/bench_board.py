"""Boards of a farm's bench, on QEMU: their ports stay while the power is off."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import tty
from abc import ABC, abstractmethod
from pathlib import Path

from fwgen.board import load_board
from fwgen.device.run.qemu_machine import PROGRAM, machine_of

REAL_TIME = ("-icount", "shift=8")
"""Four instructions a microsecond, as a small core: a board that waits takes little of ours."""

HERE = "127.0.0.1"


class BenchBoard(ABC):
    """A board called ``name`` that can be switched and unplugged; ``switched`` counts how often it
    was turned on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.switched = 0
        self._machine = machine_of(load_board(name)).args
        self._process: subprocess.Popen[bytes] | None = None
        self._plugged = True
        self._busy = threading.Lock()

    @abstractmethod
    def start(self, machine: tuple[str, ...]) -> subprocess.Popen[bytes]:
        """Run a command, with what leads to the ports."""

    @abstractmethod
    def resources(self, switch: str) -> dict[str, dict[str, object]]:
        """What labgrid's exporter is told of it; ``switch`` is the URL of its power switch, with
        ``{value}`` for on or off."""

    @abstractmethod
    def close(self) -> None:
        """Close its ports."""

    def on(self) -> None:
        """Turn it on."""
        with self._busy:
            self.switched += 1
            if self._process is None and self._plugged:
                words = (PROGRAM, *self._machine, "-display", "none", "-monitor", "none")
                self._process = self.start((*words, *REAL_TIME))

    def off(self) -> None:
        """Turn it off; its port stays, as that of a debug probe does."""
        with self._busy:
            if self._process is not None:
                self._process.kill()
                self._process.wait()
                self._process = None

    def unplug(self) -> None:
        """It is gone, and its ports with it. May be called again."""
        self.off()
        with self._busy:
            if self._plugged:
                self._plugged = False
                self.close()


class FlashedBoard(BenchBoard):
    """A board with an image in its flash, which is the file ``image``. It has a power switch, and
    its serial port is a pseudo terminal, ``line``."""

    def __init__(self, name: str, image: Path) -> None:
        super().__init__(name)
        self.image = image
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        self.line = os.ttyname(self._near)

    def start(self, machine: tuple[str, ...]) -> subprocess.Popen[bytes]:
        words = [*machine, "-serial", "stdio", "-kernel", str(self.image)]
        return subprocess.Popen(words, stdin=self._far, stdout=self._far, stderr=subprocess.DEVNULL)

    def resources(self, switch: str) -> dict[str, dict[str, object]]:
        return {
            "RawSerialPort": {"port": self.line, "speed": 115200},
            "NetworkPowerPort": {"model": "simplerest", "host": switch, "index": 0},
        }

    def close(self) -> None:
        os.close(self._far)
        os.close(self._near)


class EmptyBoard(BenchBoard):
    """A board with nothing in its flash, which stands still. It has no power switch, but a GDB
    server; its serial line is at a server that is not ser2net: raw TCP."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._line = socket.create_server((HERE, 0))
        self._gdb = socket.create_server((HERE, 0))

    def start(self, machine: tuple[str, ...]) -> subprocess.Popen[bytes]:
        line, gdb = self._line.fileno(), self._gdb.fileno()
        words = [
            *(*machine, "-chardev", f"socket,id=line,fd={line},server=on,wait=off"),
            *("-serial", "chardev:line"),
            *("-chardev", f"socket,id=gdb,fd={gdb},server=on,wait=off", "-gdb", "chardev:gdb"),
            "-S",
        ]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=(line, gdb))

    def resources(self, switch: str) -> dict[str, dict[str, object]]:
        line, gdb = (each.getsockname()[1] for each in (self._line, self._gdb))
        server = {"address": HERE, "port": gdb, "username": "nobody"}
        return {
            "NetworkSerialPort": {"host": HERE, "port": line, "protocol": "raw"},
            "gdb": {"cls": "NetworkService", **server},  # called like the flasher
        }

    def close(self) -> None:
        self._line.close()
        self._gdb.close()
