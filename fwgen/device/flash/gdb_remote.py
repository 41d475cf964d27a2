"""Servers of the GDB remote protocol: of OpenOCD, pyOCD, J-Link, a Black Magic Probe, or QEMU's.

Where the server describes flash, that is erased and written by its own commands (``vFlash``). What
is in no such region is written as memory: RAM, and everything on QEMU, which describes nothing.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from xml.etree import ElementTree

from fwgen.board import Board
from fwgen.board.keys import Key, Text
from fwgen.board.sections import Section
from fwgen.build.image_formats.load_segments import LoadSegment
from fwgen.device.flash.flash_faults import NoProbe, ProbeLost
from fwgen.device.flash.flasher import SERVER, Flasher, FlashProbe, Target
from fwgen.device.rsp import Gone, Rsp, escaped, hexed, unescaped
from fwgen.errors import DeviceFault, UsageError

CONNECT_S = 5.0
BUSY_S, _PAUSE_S = 3.0, 0.2
"""For which a server that closes the connection is asked again, and how often."""

ANSWER_S = 60.0
"""Longest silence: a server does not speak while it erases a large flash."""

_PACKET_BYTES = 1024
_MOST_PACKET_BYTES = 1 << 14
_HEAD_BYTES = 40  # the part of a packet that is not data
_MAP_BYTES = 1 << 18
_CPUID = 0xE000_ED00  # which each Cortex-M has
_MOST_WORDS = 1000  # packets of output of a command


@dataclass(frozen=True)
class GdbServer:
    """Where the board's server is, if always at the same place."""

    server: str


SECTION = Section(
    "gdb",
    "The server of the GDB remote protocol through which the board is written.",
    (
        Key(
            "server",
            Text(SERVER.pattern, "HOST:PORT, such as localhost:3333"),
            "where it is, if no --probe HOST:PORT says so",
        ),
    ),
    GdbServer,
)


@dataclass(frozen=True)
class FlashRegion:
    """Flash that a server describes, erased in blocks."""

    start: int
    bytes: int
    block_bytes: int

    @property
    def end(self) -> int:
        return self.start + self.bytes

    def blocks(self, segment: LoadSegment) -> tuple[int, int]:
        """The first address and the one after the last of the blocks that a segment is in."""
        low = (segment.address - self.start) // self.block_bytes
        high = -(-(min(segment.end, self.end) - self.start) // self.block_bytes)
        return self.start + low * self.block_bytes, self.start + high * self.block_bytes


class GdbTarget(Target):
    """A board behind a server at the other end of ``connection``."""

    def __init__(self, connection: socket.socket, place: str) -> None:
        self._connection, self._place = connection, place
        peer = f"The GDB server at {place}"
        self._rsp = Rsp(connection, time.monotonic, peer=peer, answer_s=ANSWER_S)
        self._flash: tuple[FlashRegion, ...] = ()
        self._data_bytes = _PACKET_BYTES
        self._is_qemu = False
        self._binary: bool | None = None

    def start(self) -> None:
        """Halt the core, and learn what the server can do."""
        with self._alive():
            (words,) = self._rsp.ask([b"qSupported:xmlRegisters=arm"])
            if words[:1] in (b"T", b"S"):  # QEMU says that the core, which ran, has stopped
                words = self._rsp.packet()
            features = words.split(b";")
            if b"QStartNoAckMode+" in features:
                self._rsp.expect_ok([b"QStartNoAckMode"])
                self._rsp.acknowledges = False
            size = re.search(rb"PacketSize=([0-9a-fA-F]{1,8})", words)
            most = int(size[1], 16) if size else _PACKET_BYTES
            self._data_bytes = (max(256, min(most, _MOST_PACKET_BYTES)) - _HEAD_BYTES) // 2
            stopped, qemu = self._rsp.ask([b"?", b"qqemu.sstepbits"])
            self._is_qemu = qemu.startswith(b"ENABLE=")
            if stopped[:1] not in (b"T", b"S"):
                raise self._rsp.refused(b"to halt the core", stopped)
            if b"qXfer:memory-map:read+" in features:
                self._flash = _flash_regions(self._map())

    def write(self, segments: Sequence[LoadSegment]) -> None:
        with self._alive():
            try:
                self._write_flash(segments)
                for segment in segments:
                    for rest in _outside(segment, self._flash):
                        for at, piece in self._pieces(rest):
                            self._store(at, piece)
            except DeviceFault as error:
                self._require_chip(error)
                raise

    def _write_flash(self, segments: Sequence[LoadSegment]) -> None:
        """What is in flash that the server describes."""
        in_flash = [
            (region, part)
            for segment in segments
            for region in self._flash
            for part in _within(segment, region)
        ]
        blocks = {region.blocks(part): None for region, part in in_flash}
        for low, high in _merged(sorted(blocks)):
            self._rsp.expect_ok([b"vFlashErase:%x,%x" % (low, high - low)])
        for _, part in in_flash:
            for at, piece in self._pieces(part):
                self._rsp.expect_ok([b"vFlashWrite:%x:%s" % (at, escaped(piece))])
        if in_flash:
            self._rsp.expect_ok([b"vFlashDone"])

    def _require_chip(self, error: DeviceFault) -> None:
        """Raise ProbeLost if the server, which refused something, cannot read the chip either:
        OpenOCD's says zeros then."""
        (answer,) = self._rsp.ask([b"m%x,4" % _CPUID])
        if len(answer) != 8 or not answer.strip(b"0"):
            raise ProbeLost(
                f"The chip is out of the server's reach: {error.what}",
                at=self._place,
                tries=("look at what the server says", "look at the plugs of probe and board"),
            ) from None

    def read(self, extents: Sequence[tuple[int, int]]) -> list[bytes]:
        with self._alive():
            return [
                b"".join(
                    self._rsp.unhex(self._rsp.ask([b"m%x,%x" % (at, count)])[0], count)
                    for start in range(0, size, self._data_bytes)
                    for at, count in ((address + start, min(self._data_bytes, size - start)),)
                )
                for address, size in extents
            ]

    def reset(self) -> None:
        with self._alive():
            self._monitor("system_reset" if self._is_qemu else "reset")
            self._rsp.expect_ok([b"D"])  # with which the core runs on

    def close(self) -> None:
        self._connection.close()

    def _pieces(self, segment: LoadSegment) -> Iterator[tuple[int, bytes]]:
        for start in range(0, len(segment.data), self._data_bytes):
            yield segment.address + start, segment.data[start : start + self._data_bytes]

    def _store(self, at: int, piece: bytes) -> None:
        """Write memory: in binary, if the server takes that."""
        if self._binary is None:
            self._binary = self._rsp.ask([b"X%x,0:" % at]) == [b"OK"]
        if self._binary:
            self._rsp.expect_ok([b"X%x,%x:%s" % (at, len(piece), escaped(piece))])
        else:
            self._rsp.expect_ok([b"M%x,%x:%s" % (at, len(piece), hexed(piece))])

    def _map(self) -> bytes:
        """The server's description of memory, as XML."""
        found = b""
        while len(found) < _MAP_BYTES:
            (answer,) = self._rsp.ask([b"qXfer:memory-map:read::%x,%x" % (len(found), 0x400)])
            if answer[:1] not in (b"l", b"m"):
                raise self._rsp.refused(b"to describe its memory", answer)
            found += unescaped(answer[1:])
            if answer[:1] == b"l":
                return found
        raise DeviceFault(f"{self._rsp.peer} describes memory without an end.")

    def _monitor(self, command: str) -> None:
        """Have the server do a command of its own."""
        self._rsp.send([b"qRcmd," + hexed(command.encode())])
        for _ in range(_MOST_WORDS):
            answer = self._rsp.packet()
            # the end is OK, or all of the output at once in hexadecimal: errors are of three digits
            if answer == b"OK" or re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", answer):
                return
            if answer[:1] != b"O":
                raise self._rsp.refused(command.encode(), answer)
            if not self._rsp.acknowledges:
                continue
            self._rsp.acknowledge()
        raise DeviceFault(f"{self._rsp.peer} does not come to an end with {command}.")

    @contextmanager
    def _alive(self) -> Iterator[None]:
        try:
            yield
        except Gone:
            raise ProbeLost(
                "The GDB server closed the connection.",
                at=self._place,
                tries=(
                    "look at what the server says",
                    "look at the plug of the board",
                    "end another client of the server: most take one at a time",
                ),
            ) from None


class GdbRemote(Flasher):
    """Any board with firmware, through a server that somebody started for it."""

    name = "gdb"
    rank = 5

    def suits(self, board: Board) -> bool:
        return not board.native and not board.library_only and bool(board.regions)

    def takes(self, probe: str) -> bool:
        return SERVER.fullmatch(probe) is not None

    def probes(self, board: Board | None) -> tuple[FlashProbe, ...]:
        own = board.section(SECTION) if board else None
        return (FlashProbe(own.server, "of the board's file"),) if own else ()

    def only_probe(self, board: Board) -> FlashProbe:
        found = self.probes(board)
        if not found:
            raise NoProbe(
                f"Nothing says where the GDB server of {board.name} is.",
                at=f"--flasher {self.name}",
                tries=("--probe HOST:PORT, such as localhost:3333 of OpenOCD",),
            )
        return found[0]

    def open(self, board: Board, probe: FlashProbe) -> Target:
        place = SERVER.fullmatch(probe.name)
        if place is None or not 0 < int(place["port"]) < 1 << 16:
            raise UsageError(
                f"Expected HOST:PORT of a GDB server, got {probe.name!r}.",
                at="--probe",
                tries=("--probe localhost:3333",),
            )
        deadline = time.monotonic() + BUSY_S
        while True:
            try:
                return _started(place, probe.name)
            except ProbeLost:  # a server with a client, or that has not let go of the last one
                if time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_S)


def _started(place: re.Match[str], name: str) -> GdbTarget:
    """The target at a server that has taken the connection, and said what it can do."""
    try:
        connection = socket.create_connection(
            (place["host"].strip("[]"), int(place["port"])), CONNECT_S
        )
    except OSError as error:
        raise NoProbe(
            f"No GDB server answers: {error.strerror or error}.",
            at=name,
            tries=("start it: openocd, pyocd gdbserver or JLinkGDBServer",),
        ) from None
    target = GdbTarget(connection, name)
    try:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        target.start()
    except BaseException:
        target.close()
        raise
    return target


def _flash_regions(xml: bytes) -> tuple[FlashRegion, ...]:
    """The flash of a memory map. Raises DeviceFault for one that cannot be read."""
    try:
        found = [
            FlashRegion(
                int(memory.get("start", ""), 0),
                int(memory.get("length", ""), 0),
                int((memory.findtext("property[@name='blocksize']") or "").strip(), 0),
            )
            for memory in ElementTree.fromstring(xml).iter("memory")
            if memory.get("type") == "flash"
        ]
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise DeviceFault(f"The server's memory map cannot be read: {error}.") from None
    if any(region.block_bytes <= 0 or region.bytes <= 0 for region in found):
        raise DeviceFault("The server's memory map has flash of no size.")
    return tuple(found)


def _within(segment: LoadSegment, region: FlashRegion) -> Iterator[LoadSegment]:
    low, high = max(segment.address, region.start), min(segment.end, region.end)
    if low < high:
        yield LoadSegment(low, segment.data[low - segment.address : high - segment.address])


def _outside(segment: LoadSegment, regions: Sequence[FlashRegion]) -> Iterator[LoadSegment]:
    at = segment.address
    for region in sorted(regions, key=lambda region: region.start):
        low, high = max(at, region.start), min(segment.end, region.end)
        if low < high:
            if at < low:
                yield LoadSegment(at, segment.data[at - segment.address : low - segment.address])
            at = high
    if at < segment.end:
        yield LoadSegment(at, segment.data[at - segment.address :])


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in ranges:
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


FLASHER = GdbRemote()
