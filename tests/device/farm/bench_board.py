"""A board of a farm's bench: QEMU at a pseudo terminal that stays while the power is off."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import tty
from pathlib import Path

from fwgen.board import load_board
from fwgen.device.run.qemu_machine import PROGRAM, machine_of

REAL_TIME = ("-icount", "shift=8")
"""Four instructions a microsecond, as a small core: a board that waits takes little of ours."""


class BenchBoard:
    """A board with an image in its flash, None for one that is empty and stands still.

    ``line`` is the path of its serial port. The empty one has a GDB server at ``gdb_port``.
    ``switched`` counts how often it was turned on.
    """

    def __init__(self, board: str, image: Path | None) -> None:
        self.name, self.image = board, image
        self.switched = 0
        self._machine = machine_of(load_board(board)).args
        self._far, near = os.openpty()
        tty.setraw(near)
        self.line = os.ttyname(near)
        self._near = near
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = threading.Lock()
        self._gdb = socket.create_server(("127.0.0.1", 0))
        self.gdb_port: int = self._gdb.getsockname()[1]

    def on(self) -> None:
        """Turn it on."""
        with self._busy:
            self.switched += 1
            if self._process is None and self._far >= 0:
                self._process = subprocess.Popen(
                    [
                        *(PROGRAM, *self._machine, "-display", "none", "-monitor", "none"),
                        *(*REAL_TIME, "-serial", "stdio", *self._flash),
                    ],
                    stdin=self._far,
                    stdout=self._far,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(self._gdb.fileno(),),
                )

    @property
    def _flash(self) -> tuple[str, ...]:
        """What is in it, or where one comes in."""
        if self.image is not None:
            return ("-kernel", str(self.image))
        server = f"socket,id=gdb,fd={self._gdb.fileno()},server=on,wait=off"
        return ("-chardev", server, "-gdb", "chardev:gdb", "-S")

    def off(self) -> None:
        """Turn it off; its port stays, as that of a debug probe does."""
        with self._busy:
            if self._process is not None:
                self._process.kill()
                self._process.wait()
                self._process = None

    def unplug(self) -> None:
        """It is gone, and its port with it."""
        self.off()
        with self._busy:
            for end in (self._far, self._near):
                if end >= 0:
                    os.close(end)
            self._far = self._near = -1
            self._gdb.close()
