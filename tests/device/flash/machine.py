"""What a debug port needs of a simulator: memory, registers, breakpoints, and a core that runs."""

from __future__ import annotations

import select
import socket
import struct
import time
from typing import Protocol

from fwgen.device.rsp import Rsp

R13, LR, PC, XPSR = 13, 14, 15, 25
"""Numbers of registers, as GDB counts them on Armv6-M."""

THUMB = 1 << 24  # of xPSR


class Machine(Protocol):
    """A simulator. Addresses are the core's; ``read`` and ``write`` raise OSError for a fault."""

    running: bool
    vectors: int
    ram: range
    locked: bool
    """Whether debuggers are kept out of all memory."""

    def poll(self) -> None:
        """Notice that the core has stopped."""

    def resume(self) -> None: ...

    def halt(self) -> None: ...

    def step(self) -> None: ...

    def reset(self) -> None:
        """Stand before the first instruction."""

    def read(self, address: int, count: int) -> bytes: ...

    def write(self, address: int, data: bytes) -> None: ...

    def register(self, number: int) -> int: ...

    def set_register(self, number: int, value: int) -> None: ...

    def break_at(self, address: int) -> None: ...

    def no_breaks(self) -> None: ...


class StubMachine:
    """QEMU's microbit behind its debugger stub.

    The stub's own writes go past devices: a flash controller would not see them. So what is no RAM
    is written by the core, with two instructions at the end of RAM.
    """

    vectors = 0
    ram = range(0x2000_0000, 0x2000_4000)
    locked = False

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rsp = Rsp(self._socket, time.monotonic)
        self._rsp.ask([b"qSupported", b"?", b"qXfer:features:read:target.xml:0,ffb"])
        self._breaks: list[int] = []
        self.running = False

    def close(self) -> None:
        self._socket.close()

    def poll(self) -> None:
        if self.running and (self._rsp.pending or select.select([self._socket], [], [], 0)[0]):
            assert self._rsp.packet()[:1] in (b"T", b"S")
            self.running = False

    def resume(self) -> None:
        self._rsp.send([b"c"])
        assert self._rsp.take(1) == b"+"
        self.running = True

    def halt(self) -> None:
        self.poll()
        if self.running:
            self._rsp.interrupt()
            self._rsp.packet()
            self.running = False

    def step(self) -> None:
        self._rsp.ask([b"s"])

    def reset(self) -> None:
        self._rsp.send([b"qRcmd," + b"system_reset".hex().encode()])
        while self._rsp.packet() != b"OK":
            self._rsp.acknowledge()
        time.sleep(0.05)  # QEMU resets when its main loop comes round

    def read(self, address: int, count: int) -> bytes:
        was = self._stopped()
        try:
            return b"".join(
                self._rsp.unhex(self._rsp.ask([b"m%x,%x" % (at, part)])[0], part)
                for at in range(address, address + count, 1024)
                for part in (min(1024, address + count - at),)
            )
        finally:
            self._go_on(was)

    def write(self, address: int, data: bytes) -> None:
        was = self._stopped()
        if address in self.ram:
            self._rsp.expect_ok([b"M%x,%x:%s" % (address, len(data), data.hex().encode())])
        elif len(data) < 4:
            self._store(address, data)
        else:
            for start in range(0, len(data), 4):
                self._store(address + start, data[start : start + 4])
        self._go_on(was)

    def register(self, number: int) -> int:
        return int.from_bytes(self._rsp.unhex(self._rsp.ask([b"p%x" % number])[0], 4), "little")

    def set_register(self, number: int, value: int) -> None:
        text = struct.pack("<I", value & 0xFFFF_FFFF).hex().encode()
        self._rsp.expect_ok([b"P%x=%s" % (number, text)])

    def break_at(self, address: int) -> None:
        self._rsp.expect_ok([b"Z1,%x,2" % address])
        self._breaks.append(address)

    def no_breaks(self) -> None:
        self._rsp.expect_ok([b"z1,%x,2" % address for address in self._breaks])
        self._breaks.clear()

    def _stopped(self) -> bool:
        self.poll()
        was = self.running
        if was:
            self.halt()
        return was

    def _go_on(self, was: bool) -> None:
        if was:
            self.resume()

    def _store(self, address: int, data: bytes) -> None:
        """``str r1, [r0]`` (or strh, strb) and a branch to itself, which is never reached."""
        kept = {number: self.register(number) for number in (0, 1, PC, XPSR)}
        at = self.ram.stop - 8
        under = self.read(at, 8)
        store = {4: 0x6001, 2: 0x8001, 1: 0x7001}[len(data)]
        self._rsp.expect_ok([b"M%x,4:%s" % (at, struct.pack("<HH", store, 0xE7FE).hex().encode())])
        value = int.from_bytes(data, "little")
        for number, content in ((0, address), (1, value), (PC, at), (XPSR, THUMB)):
            self.set_register(number, content)
        self._rsp.expect_ok([b"Z1,%x,2" % (at + 2)])
        self._rsp.ask([b"c"])
        self._rsp.expect_ok([b"z1,%x,2" % (at + 2)])
        self._rsp.expect_ok([b"M%x,8:%s" % (at, under.hex().encode())])
        for number, content in kept.items():
            self.set_register(number, content)
