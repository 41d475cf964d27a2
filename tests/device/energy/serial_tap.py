"""A tap on the serial line of QEMU, by which a stand-in for an energy probe sees windows pass.

QEMU has no pin whose edges a probe could see. But the firmware tells the ticks of each window right
after its second edge: before the line goes on to the host, the stand-in is told.
"""

from __future__ import annotations

import os
import re
import select
import threading
import tty
from collections.abc import Callable
from types import TracebackType

_HZ = re.compile(rb",hz=([0-9]+)")
_WINDOW = re.compile(rb"m-fw-window-\[inferences=[0-9]+,count=([0-9]+)\]")


class SerialTap:
    """Joins the host at ``port`` to the device at another one; ``seen`` gets the seconds of each
    window."""

    def __init__(self, device: str, seen: Callable[[float], None]) -> None:
        self._seen = seen
        self._device = os.open(device, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._device)
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        self.port = os.ttyname(self._near)
        self._hz = 0
        self._line = b""
        self._ends, self._end = os.pipe()
        self._thread = threading.Thread(target=self._join, daemon=True)
        self._thread.start()

    def _join(self) -> None:
        while True:
            ready = select.select([self._device, self._far, self._ends], [], [])[0]
            if self._ends in ready:
                return
            if self._far in ready:
                self._write(self._device, os.read(self._far, 4096))
            if self._device in ready:
                data = os.read(self._device, 4096)
                *lines, self._line = (self._line + data).split(b"\n")
                for line in lines:
                    self._look(line)
                self._write(self._far, data)

    def _look(self, line: bytes) -> None:
        if (hz := _HZ.search(line)) is not None:
            self._hz = int(hz[1])
        if (window := _WINDOW.search(line)) is not None:
            self._seen(int(window[1]) / self._hz)

    def _write(self, to: int, data: bytes) -> None:
        while data:
            data = data[os.write(to, data) :]

    def __enter__(self) -> SerialTap:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.write(self._end, b"x")
        self._thread.join()
        for each in (self._device, self._far, self._near, self._ends, self._end):
            os.close(each)
