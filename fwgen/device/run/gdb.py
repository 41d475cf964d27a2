"""A client of the GDB remote protocol, as far as QEMU's stub is needed to serve an NPU.

Source: "GDB Remote Serial Protocol" in the manual of GDB. Requests are sent many at a time: QEMU
answers in order, and takes the next one for the acknowledgement of its last answer. No transfer has
a limit as a whole: it may take as long as bytes come and go.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from fwgen.device.link.faults import OutOfTime
from fwgen.device.link.lines import Clock
from fwgen.errors import DeviceFault

ANSWER_S = 10.0
"""Longest silence while an answer is due, in seconds of the connection's clock."""

_LOOK_S = 0.5  # how often the clock is looked at meanwhile

T = TypeVar("T")

R0, PC = 0, 15
"""Numbers of registers of an Arm core."""

CHUNK_BYTES = 1984
"""Bytes of memory in a packet: in hex, with what is before them, less than QEMU's 4096."""

_RECEIVE_BYTES = 1 << 16


class Gone(Exception):
    """QEMU has ended, or has closed its end: how its process ended says why."""


class Gdb:
    """QEMU's stub at the other end of ``connection``, which the caller closes.

    Addresses are the core's. While the core runs, nothing is sent: any byte would stop it. Limits
    are in seconds of ``clock``. Raises OutOfTime if QEMU is silent, DeviceFault if it refuses, Gone
    if it has ended.
    """

    def __init__(self, connection: socket.socket, clock: Clock) -> None:
        connection.setblocking(False)
        self._connection, self._clock = connection, clock
        self._received = bytearray()

    def arm(self, address: int) -> None:
        """Have the core stop before the instruction at ``address``. It is halted so far."""
        # QEMU tells single registers only to one that has read what registers there are
        self._ask([b"?", b"qXfer:features:read:target.xml:0,400"])
        self._expect_ok([b"Z1,%x,2" % address])

    def resume(self) -> None:
        """Let the core run."""
        self._send([b"c"])
        if self._take(1) != b"+":
            raise DeviceFault("QEMU's debugger stub does not let the core run.")
        if self._received:  # for which ``wait_stop`` would never be called
            raise DeviceFault("QEMU's debugger stub said what nobody asked for.")

    def wait_stop(self) -> None:
        """Take in that the core has stopped, once something has arrived while it ran."""
        reason = self._packet()
        if reason[:1] not in (b"T", b"S"):
            raise Gone

    def register(self, number: int) -> int:
        """The 32 bits of a register."""
        return int.from_bytes(_unhex(self._ask([b"p%x" % number])[0], 4), "little")

    def set_register(self, number: int, value: int) -> None:
        self._expect_ok([b"P%x=%s" % (number, _hex(value.to_bytes(4, "little")))])

    def read(self, address: int, count: int) -> bytes:
        """``count`` bytes of memory."""
        parts = [
            (address + start, min(CHUNK_BYTES, count - start))
            for start in range(0, count, CHUNK_BYTES)
        ]
        answers = self._ask([b"m%x,%x" % part for part in parts])
        return b"".join(_unhex(a, n) for a, (_, n) in zip(answers, parts, strict=True))

    def write(self, pieces: Iterable[tuple[int, bytes]]) -> None:
        """Bytes to memory, at their addresses."""
        self._expect_ok(
            [
                b"M%x,%x:%s" % (address + start, len(part), _hex(part))
                for address, data in pieces
                for start in range(0, len(data), CHUNK_BYTES)
                for part in (data[start : start + CHUNK_BYTES],)
            ]
        )

    def _expect_ok(self, requests: Sequence[bytes]) -> None:
        for request, answer in zip(requests, self._ask(requests), strict=True):
            if answer != b"OK":
                raise _refused(request.split(b":")[0], answer)

    def _ask(self, requests: Sequence[bytes]) -> list[bytes]:
        self._send(requests)
        return [self._packet() for _ in requests]

    def _send(self, requests: Sequence[bytes]) -> None:
        packets = (b"+$%s#%02x" % (text, sum(text) & 0xFF) for text in requests)
        left = memoryview(b"".join(packets))
        while left:
            # answers are taken in meanwhile, or QEMU would wait for room for them, and we for QEMU
            if self._wait(select.POLLIN | select.POLLOUT) & select.POLLIN:
                self._receive(_RECEIVE_BYTES)
            with suppress(BlockingIOError):
                left = left[self._do(partial(self._connection.send, left)) :]

    def _wait(self, events: int) -> int:
        """Which of the events came, before ``ANSWER_S`` are over."""
        poll = select.poll()
        poll.register(self._connection, events)
        until = self._clock() + ANSWER_S
        while not (found := poll.poll(1000 * _LOOK_S)):
            if self._clock() >= until:
                raise OutOfTime(f"QEMU's debugger stub did not answer within {ANSWER_S:g} s.")
        return found[0][1]

    def _do(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except BlockingIOError:
            raise
        except OSError:
            raise Gone from None

    def _packet(self) -> bytes:
        """The next answer, whose checksum is right."""
        while self._take(1) != b"$":
            pass
        text = bytearray()
        while (end := self._received.find(b"#")) < 0:
            text += self._received
            self._received.clear()
            self._fill()
        text += self._take(end)
        if self._take(3)[1:] != b"%02x" % (sum(text) & 0xFF):
            raise DeviceFault("An answer of QEMU's debugger stub has a wrong checksum.")
        return bytes(text)

    def _take(self, count: int) -> bytes:
        while len(self._received) < count:
            self._fill(count - len(self._received))
        data = bytes(self._received[:count])
        del self._received[:count]
        return data

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


def _refused(request: bytes, answer: bytes) -> DeviceFault:
    said = answer[:40].decode("ascii", "replace") or "nothing"
    return DeviceFault(
        f"QEMU's debugger stub refused {request[:40].decode('ascii')}: it said {said}."
    )


def _hex(data: bytes) -> bytes:
    return data.hex().encode()


def _unhex(answer: bytes, count: int) -> bytes:
    try:
        data = bytes.fromhex(answer.decode("ascii"))
    except ValueError:
        data = b""
    if len(data) != count:
        raise _refused(b"to read %d bytes" % count, answer)
    return data
