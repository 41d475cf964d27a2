"""A byte stream cut into lines, whatever the bytes are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

LINE_LIMIT = 4096
"""Longest line kept, in bytes; of a longer one only its beginning is returned."""

Clock = Callable[[], float]


class Stream(Protocol):
    """Bytes to and from a device.

    ``read`` waits at most ``timeout_s`` and returns b"" if no byte came. Once the other end is gone
    and its last byte was read, it raises Disconnected, or a DeviceFault or DeviceUnavailable that
    knows the cause. ``write`` raises NoAnswer if the device takes no bytes. It raises nothing if
    the other end is gone: the next ``read`` tells that.
    """

    def read(self, timeout_s: float) -> bytes: ...
    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class Lines:
    """Lines of a stream, without their CR LF, decoded as latin-1 so that no byte can fail.

    Holds at most ``LINE_LIMIT`` bytes and what one ``read`` of the stream returned.
    """

    def __init__(self, stream: Stream, clock: Clock) -> None:
        self.heard = False
        self._stream = stream
        self._clock = clock
        self._pending = bytearray()
        self._skipping = False

    def next(self, deadline: float) -> str | None:
        """The next line, or None when there is none before ``deadline`` (on the given clock)."""
        while (left := deadline - self._clock()) > 0:
            end = self._pending.find(b"\n")
            if end >= 0:
                line = self._take(min(end, LINE_LIMIT), end + 1)
                skipped, self._skipping = self._skipping, False
                if not skipped:
                    return line
            elif self._skipping:
                self._pending.clear()
                self._fill(left)
            elif len(self._pending) > LINE_LIMIT:
                self._skipping = True
                return self._take(LINE_LIMIT, len(self._pending))
            else:
                self._fill(left)
        return None

    def _take(self, kept: int, used: int) -> str:
        line = self._pending[:kept].rstrip(b"\r").decode("latin-1")
        del self._pending[:used]
        return line

    def _fill(self, timeout_s: float) -> None:
        data = self._stream.read(timeout_s)
        self.heard = self.heard or bool(data)
        self._pending += data
