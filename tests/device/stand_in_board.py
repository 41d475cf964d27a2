"""Boards to plug in: QEMU at a pseudo terminal, and a device of Python's at one."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fwgen.board import load_board
from fwgen.device.run.qemu_machine import machine_of
from tests.device.fake_device import Device

START_S = 30.0
_PTY = re.compile(rb"redirected to (/dev/\S+)")


@contextmanager
def plugged_in(board: str, image: Path, *options: str) -> Iterator[str]:
    """QEMU's model of a board with an image in its flash; yields the path of its serial port."""
    machine = machine_of(load_board(board))
    words = [machine.program, *machine.args, "-nographic", "-monitor", "none"]
    process = subprocess.Popen(
        [*words, "-serial", "pty", *options, "-kernel", str(image)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    try:
        said = b""
        until = time.monotonic() + START_S
        while (found := _PTY.search(said)) is None:
            more = os.read(process.stdout.fileno(), 4096)
            assert more and time.monotonic() < until, said
            said += more
        yield found[1].decode()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class PtyDevice:
    """A device at a pseudo terminal, in a thread: what it hears and says goes through ``talk``,
    which takes bytes and returns bytes, None to hang up."""

    def __init__(self, talk: Callable[[bytes], bytes | None], first: bytes = b"") -> None:
        self._far, near = os.openpty()
        tty.setraw(near)
        self.port = os.ttyname(near)
        if first:
            os.write(self._far, first)
        self._near: int | None = near
        self._thread = threading.Thread(target=self._serve, args=(talk,), daemon=True)
        self._thread.start()

    def _serve(self, talk: Callable[[bytes], bytes | None]) -> None:
        try:
            while (said := talk(os.read(self._far, 4096))) is not None:
                while said:
                    said = said[os.write(self._far, said) :]
        except OSError:  # it is closed at the near end
            pass
        self.unplug()

    def unplug(self) -> None:
        """The device is gone, and its port with it."""
        far, self._far = self._far, -1
        if far >= 0:
            os.close(far)

    def close(self) -> None:
        """Nothing is left of it."""
        if self._near is not None:
            os.close(self._near)
            self._near = None
        self._thread.join(5)
        self.unplug()


@contextmanager
def device_at_port(device: Device, first: bytes = b"") -> Iterator[str]:
    """A well-behaved device; yields the path of its port."""
    board = PtyDevice(lambda data: device.feed(data, time.monotonic()), first)
    try:
        yield board.port
    finally:
        board.close()
