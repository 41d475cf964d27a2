"""The packets of the GDB remote protocol (RSP): requests to a debugger stub, and its answers.

Source: "GDB Remote Serial Protocol" in the manual of GDB. Requests are sent many at a time: a stub
answers in order, and QEMU takes the next one for the acknowledgement of its last answer. No
transfer has a limit as a whole: it may take as long as bytes come and go.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from fwgen.device.link.faults import OutOfTime
from fwgen.device.link.lines import Clock
from fwgen.errors import DeviceFault

_LOOK_S = 0.5  # how often the clock is looked at while an answer is due
_RECEIVE_BYTES = 1 << 16
_MOST_BYTES = 1 << 20  # of a packet, and before one
_ESCAPE, _FLIP = b"}", 0x20

T = TypeVar("T")


class Gone(Exception):
    """The stub has ended, or has closed its end: how its process ended says why."""


class Rsp:
    """A stub at the other end of ``connection``, which the caller closes.

    ``peer`` is what errors call it. Limits are in seconds of ``clock``: no silence is longer than
    ``answer_s`` while an answer is due. Methods raise OutOfTime if the stub is silent, DeviceFault
    if it refuses, Gone if it has ended.
    """

    def __init__(
        self,
        connection: socket.socket,
        clock: Clock,
        *,
        peer: str = "The debugger stub",
        answer_s: float = 10.0,
    ) -> None:
        connection.setblocking(False)
        self._connection, self._clock = connection, clock
        self._received = bytearray()
        self.peer = peer
        self.answer_s = answer_s
        self.acknowledges = True

    def ask(self, requests: Sequence[bytes]) -> list[bytes]:
        """The answer to each request, all of which are sent at once."""
        self.send(requests)
        return [self.packet() for _ in requests]

    def expect_ok(self, requests: Sequence[bytes]) -> None:
        """Send requests that do something. Raises DeviceFault for the first that is refused."""
        for request, answer in zip(requests, self.ask(requests), strict=True):
            if answer != b"OK":
                raise self.refused(request.split(b":")[0], answer)

    def send(self, requests: Sequence[bytes]) -> None:
        """Send requests, without waiting for answers."""
        start = b"+$" if self.acknowledges else b"$"
        packets = (start + b"%s#%02x" % (text, sum(text) & 0xFF) for text in requests)
        left = memoryview(b"".join(packets))
        while left:
            # answers are taken in meanwhile, or a stub would wait for room for them, and we for it
            if self._wait(select.POLLIN | select.POLLOUT) & select.POLLIN:
                self._receive(_RECEIVE_BYTES)
            with suppress(BlockingIOError):
                left = left[self._do(partial(self._connection.send, left)) :]

    def acknowledge(self) -> None:
        """Say that an answer came, where no request follows that says so."""
        self._wait(select.POLLOUT)
        self._do(partial(self._connection.send, b"+"))

    def interrupt(self) -> None:
        """Have a running core stop; the packet that says so is still to be taken."""
        self._wait(select.POLLOUT)
        self._do(partial(self._connection.send, b"\x03"))

    def packet(self) -> bytes:
        """The next answer, whose checksum is right; escapes are left in it."""
        skipped = 0
        while (start := self._received.find(b"$")) < 0:
            skipped += len(self._received)
            self._limit(skipped)
            self._received.clear()
            self._fill()
        del self._received[: start + 1]
        text = bytearray()
        while (end := self._received.find(b"#")) < 0:
            text += self._received
            self._received.clear()
            self._limit(len(text))
            self._fill()
        text += self.take(end)
        if self.take(3)[1:] != b"%02x" % (sum(text) & 0xFF):
            raise DeviceFault(f"An answer of {self._name} has a wrong checksum.")
        return bytes(text)

    def take(self, count: int) -> bytes:
        """The next bytes, of whatever they are."""
        while len(self._received) < count:
            self._fill(count - len(self._received))
        data = bytes(self._received[:count])
        del self._received[:count]
        return data

    @property
    def pending(self) -> bool:
        """Whether bytes were received that nobody has taken."""
        return bool(self._received)

    def refused(self, request: bytes, answer: bytes) -> DeviceFault:
        """The error for a request that got another answer than expected."""
        said = answer[:40].decode("ascii", "replace") or "nothing"
        shown = request[:40].decode("ascii", "replace")
        return DeviceFault(f"{self.peer} refused {shown}: it said {said}.")

    def unhex(self, answer: bytes, count: int) -> bytes:
        """``count`` bytes that an answer has in hexadecimal. Raises DeviceFault."""
        try:
            data = bytes.fromhex(answer.decode("ascii"))
        except ValueError:
            data = b""
        if len(data) != count:
            raise self.refused(b"to read %d bytes" % count, answer)
        return data

    def _limit(self, count: int) -> None:
        if count > _MOST_BYTES:
            raise DeviceFault(f"{self.peer} sends without an end.")

    @property
    def _name(self) -> str:
        return self.peer[0].lower() + self.peer[1:] if self.peer.startswith("The ") else self.peer

    def _wait(self, events: int) -> int:
        """Which of the events came, before ``answer_s`` are over."""
        poll = select.poll()
        poll.register(self._connection, events)
        until = self._clock() + self.answer_s
        while not (found := poll.poll(1000 * _LOOK_S)):
            if self._clock() >= until:
                raise OutOfTime(f"{self.peer} did not answer within {self.answer_s:g} s.")
        return found[0][1]

    def _do(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except BlockingIOError:
            raise
        except OSError:
            raise Gone from None

    def _fill(self, most: int = _RECEIVE_BYTES) -> None:
        """Receive ``most`` bytes or less, but one at least."""
        self._wait(select.POLLIN)
        self._receive(most)

    def _receive(self, most: int) -> None:
        """Take in what there is."""
        with suppress(BlockingIOError):
            data = self._do(partial(self._connection.recv, most))
            if not data:
                raise Gone
            self._received += data


def hexed(data: bytes) -> bytes:
    """Bytes as packets have them in hexadecimal."""
    return data.hex().encode()


def escaped(data: bytes) -> bytes:
    """Bytes as packets have them in binary: ``#``, ``$``, ``}`` and ``*`` have another meaning."""
    found = bytearray()
    for byte in data:
        found += _ESCAPE + bytes((byte ^ _FLIP,)) if byte in b"#$}*" else bytes((byte,))
    return bytes(found)


def unescaped(text: bytes) -> bytes:
    """The bytes that a binary packet has."""
    first, *others = text.split(_ESCAPE)
    return first + b"".join(bytes((part[0] ^ _FLIP,)) + part[1:] for part in others if part)
