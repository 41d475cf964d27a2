"""A client of QEMU's debugger stub (gdb), as far as memory and an NPU need it."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from fwgen.device.link.lines import Clock
from fwgen.device.rsp import Gone, Rsp, hexed
from fwgen.errors import DeviceFault

ANSWER_S = 10.0
"""Longest silence while an answer is due, in seconds of the connection's clock."""

R0, PC = 0, 15
"""Numbers of registers of an Arm core."""

CHUNK_BYTES = 1984
"""Bytes of memory in a packet: in hex, with what is before them, less than QEMU's 4096."""

_PEER = "QEMU's debugger stub"


class Gdb:
    """QEMU's stub at the other end of ``connection``, which the caller closes.

    Addresses are the core's. While the core runs, nothing is sent: any byte would stop it. Limits
    are in seconds of ``clock``. Raises OutOfTime if QEMU is silent, DeviceFault if it refuses, Gone
    if it has ended.
    """

    def __init__(self, connection: socket.socket, clock: Clock) -> None:
        self._rsp = Rsp(connection, clock, peer=_PEER, answer_s=ANSWER_S)

    def arm(self, address: int) -> None:
        """Have the core stop before the instruction at ``address``. It is halted so far."""
        # QEMU tells single registers only to one that has read what registers there are
        self._rsp.ask([b"?", b"qXfer:features:read:target.xml:0,400"])
        self._rsp.expect_ok([b"Z1,%x,2" % address])

    def resume(self) -> None:
        """Let the core run."""
        self._rsp.send([b"c"])
        if self._rsp.take(1) != b"+":
            raise DeviceFault(f"{_PEER} does not let the core run.")
        if self._rsp.pending:  # for which ``wait_stop`` would never be called
            raise DeviceFault(f"{_PEER} said what nobody asked for.")

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Have the core, which runs, stand meanwhile."""
        self._rsp.interrupt()
        self.wait_stop()
        yield
        self.resume()

    def wait_stop(self) -> None:
        """Take in that the core has stopped, once something has arrived while it ran."""
        reason = self._rsp.packet()
        if reason[:1] not in (b"T", b"S"):
            raise Gone

    def register(self, number: int) -> int:
        """The 32 bits of a register."""
        return int.from_bytes(self._rsp.unhex(self._rsp.ask([b"p%x" % number])[0], 4), "little")

    def set_register(self, number: int, value: int) -> None:
        self._rsp.expect_ok([b"P%x=%s" % (number, hexed(value.to_bytes(4, "little")))])

    def read(self, address: int, count: int) -> bytes:
        """``count`` bytes of memory."""
        parts = [
            (address + start, min(CHUNK_BYTES, count - start))
            for start in range(0, count, CHUNK_BYTES)
        ]
        answers = self._rsp.ask([b"m%x,%x" % part for part in parts])
        return b"".join(self._rsp.unhex(a, n) for a, (_, n) in zip(answers, parts, strict=True))

    def write(self, pieces: Iterable[tuple[int, bytes]]) -> None:
        """Bytes to memory, at their addresses."""
        self._rsp.expect_ok(
            [
                b"M%x,%x:%s" % (address + start, len(part), hexed(part))
                for address, data in pieces
                for start in range(0, len(data), CHUNK_BYTES)
                for part in (data[start : start + CHUNK_BYTES],)
            ]
        )
