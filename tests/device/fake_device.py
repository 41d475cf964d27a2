"""The device's end of docs/protocol.md in Python, and serial lines that go wrong.

``Device`` is pure: bytes in, bytes out, time given. It shares no code with ``fwgen.device.link``.
All it computes is a function of its input and, for ticks, of the number of the run, so that a test
knows every right number. ``Line`` joins it to a host on a simulated clock, an ``Adversary`` in
between.
"""

from __future__ import annotations

import random
import zlib
from collections import deque
from collections.abc import Callable

from fwgen.device.link.faults import Disconnected

BAUD_BYTES_PER_S = 11520
LOAD_TIMEOUT_S = 2.0
BUILD = "0123456789abcdef"
INPUT_AT, OUTPUT_AT = 0x2000_0010, 0x2100_0000


def _crc16_of_byte(byte: int) -> int:
    """CRC-16/CCITT's table entry, bit by bit from the definition of the polynomial."""
    crc = byte << 8
    for _ in range(8):
        crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


CRC16 = tuple(map(_crc16_of_byte, range(256)))


def crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc = (crc << 8 & 0xFFFF) ^ CRC16[crc >> 8 ^ byte]
    return crc


class Device:
    """A device that boots, obeys and ends. ``ops`` ops, each leaving ``op_bytes`` bytes.

    There may be several ``models``, alike but for what they compute; the first is chosen at start.
    With ``places`` it tells where in memory it has inputs and outputs. ``have_pmu`` gives it a
    counter of cycles that counts events, too.
    """

    def __init__(
        self, inputs: int = 12, outputs: int = 40, ops: int = 3, op_bytes: int = 36
    ) -> None:
        self.inputs, self.outputs, self.ops, self.op_bytes = inputs, outputs, ops, op_bytes
        self.build = BUILD
        self.models = 1
        self.places = False
        self.hz = 25_000_000
        self.counter, self.unit = "fake", "ticks"
        self.stack = 4096
        self.npu: tuple[int, ...] = (2, 12_345, 9_000, 4, 0, 77)
        self.runs = 0
        self.ended = False
        self.boot()

    def have_pmu(self) -> None:
        self.counter, self.unit = "pmu", "cycles"

    def boot(self) -> bytes:
        """Start (again): all that was loaded is lost."""
        self.model = 0
        self.data = bytes(self.inputs)
        self.result = bytes(self.outputs)
        self.mark = self.mark_before = 0
        self.command = b""
        self.loading: bytearray | None = None
        self.last_byte_s = 0.0
        return b"m-timestamp-mode-performance\r\nm-lap-us-12\r\nm-init-done\r\nm-ready\r\n"

    # What it computes

    def ticks_of(self, data: bytes, model: int | None = None) -> int:
        """Ticks of the latest run, if that was on ``data``, of the chosen model or of ``model``."""
        return zlib.crc32(b"ticks%d" % self.runs + self._named(model) + data) % 100_000 + 1

    def result_of(self, data: bytes, model: int | None = None) -> bytes:
        return random.Random(b"result" + self._named(model) + data).randbytes(self.outputs)

    def op_of(self, data: bytes, op: int, model: int | None = None) -> bytes:
        return random.Random(b"op%d" % op + self._named(model) + data).randbytes(self.op_bytes)

    def op_ticks_of(self, data: bytes, op: int, model: int | None = None) -> int:
        return zlib.crc32(b"op%d" % op + self._named(model) + data) % 10_000

    def op_events_of(self, data: bytes, op: int, event: int, model: int | None = None) -> int:
        """How often an event happens in an op: instructions most often."""
        often = 1_000_000 if event == 8 else 10_000
        return zlib.crc32(b"event%d op%d" % (event, op) + self._named(model) + data) % often

    def window_ticks_of(self, data: bytes, inferences: int, model: int | None = None) -> int:
        return zlib.crc32(b"window%d" % inferences + self._named(model) + data) % 10_000_000 + 1

    def _named(self, model: int | None) -> bytes:
        return b" of %d " % (self.model if model is None else model)

    # The protocol

    def feed(self, data: bytes, now_s: float) -> bytes:
        """Take bytes from the host; returns what the device sends."""
        out = b""
        for value in data:
            if self.ended:
                break
            byte = bytes([value])
            self.last_byte_s = now_s
            if self.loading is not None:
                self.loading += byte
                if len(self.loading) == self.inputs + 4:
                    out += self._end_load() + b"m-ready\r\n"
            elif byte == b"%":
                command, self.command = self.command.decode("latin-1"), b""
                out += self._obey(command)
            elif byte not in b"\r\n" and (byte != b" " or self.command):
                self.command = (self.command + byte)[:80]
        return out

    def wake_s(self) -> float | None:
        """When the device does something by itself."""
        return None if self.loading is None else self.last_byte_s + LOAD_TIMEOUT_S

    def wake(self) -> bytes:
        self.loading = None
        self.data = bytes(self.inputs)
        return b"e-[Load: no byte came for two seconds]\r\nm-ready\r\n"

    def _end_load(self) -> bytes:
        assert self.loading is not None
        data, crc = bytes(self.loading[:-4]), int.from_bytes(self.loading[-4:], "little")
        self.loading = None
        self.data = bytes(self.inputs)
        if zlib.crc32(data) != crc:
            return b"e-[Load: the CRC differs]\r\n"
        self.data = data
        return self._line(f"load-[bytes={len(data)},crc={crc:08x}]")

    def _obey(self, command: str) -> bytes:
        if not command:
            return b"m-ready\r\n"
        name, *words = [word for word in command.split(" ") if word] or [""]
        if len(command) == 80:
            return b"e-[Command too long]\r\nm-ready\r\n"
        answer = getattr(self, "_do_" + name.replace("-", "_"), None)
        if answer is None or "_" in name:
            return f"e-[Unknown command: {name}]\r\nm-ready\r\n".encode("latin-1")
        self.mark_before, self.mark = self.mark, 0
        if name.startswith("fw-") and words and words[-1][0] == "@" and words[-1][1:].isdecimal():
            self.mark = int(words.pop()[1:])
        try:
            out: bytes = answer(*words)
        except (TypeError, ValueError):
            out = b"e-[Wrong words]\r\n"
        return out if self.ended or self.loading is not None else out + b"m-ready\r\n"

    def _line(self, text: str) -> bytes:
        tail = f"@{self.mark}.{self.mark_before}" if self.mark else ""
        body = f"m-fw-{text}{tail}".encode()
        return b"%s*%04X\r\n" % (body, crc16(body))

    def _bytes(self, kind: str, data: bytes) -> bytes:
        lines = [
            self._line(f"{kind}-[{at}={data[at : at + 32].hex()}]")
            for at in range(0, len(data), 32)
        ]
        return b"".join(lines) + self._line(
            f"{kind}-[bytes={len(data)},crc={zlib.crc32(data):08x}]"
        )

    def _do_name(self) -> bytes:
        return b"m-name-dut-[fwgen]\r\n"

    def _do_fw_info(self) -> bytes:
        return self._line(
            f"info-[schema=2,build={self.build},board=fake,ops={self.ops},inputs={self.inputs},"
            f"outputs={self.outputs},arena={4 * self.op_bytes},stack={self.stack},"
            f"counter={self.counter},unit={self.unit},hz={self.hz}]"
        )

    def _do_fw_model(self, number: str) -> bytes:
        if int(number) >= self.models:
            return b"e-[The image has no such model]\r\n"
        self.model, self.data = int(number), bytes(self.inputs)
        return self._line(f"model-[number={self.model},models={self.models}]")

    def _do_fw_load(self, count: str) -> bytes:
        if int(count) != self.inputs:
            return b"e-[Load: wrong number of bytes]\r\n"
        self.loading = bytearray()
        return b""

    def _do_fw_run(self) -> bytes:
        self.runs += 1
        self.result = self.result_of(self.data)
        count = str(self.ticks_of(self.data)) if self.hz else "none"
        return self._line(f"run-[count={count}]")

    def _do_fw_window(self, count: str) -> bytes:
        self.result = self.result_of(self.data)
        ticks = self.window_ticks_of(self.data, int(count))
        return self._line(f"window-[inferences={int(count)},count={ticks}]")

    def _do_fw_out(self) -> bytes:
        return self._bytes("out", self.result)

    def _do_fw_places(self) -> bytes:
        if not self.places:
            return b"e-[Unknown command: fw-places]\r\n"
        half = len(self.result) // 2
        tensors = (INPUT_AT, self.data), (OUTPUT_AT, self.result[:half])
        tensors += ((OUTPUT_AT + half, self.result[half:]),)
        return b"".join(
            self._line(f"places-[{i}={address}:{len(data)}:{zlib.crc32(data):08x}]")
            for i, (address, data) in enumerate(tensors)
        )

    def _do_fw_ops(self, event: str = "") -> bytes:
        if not event:
            return self._counts([self.op_ticks_of(self.data, op) for op in range(self.ops)])
        if self.counter != "pmu":
            return b"e-[This target counts no events]\r\n"
        number = int(event)
        counts = [self.op_events_of(self.data, op, number) for op in range(self.ops)]
        return self._counts(counts, f",event={number}")

    def _counts(self, counts: list[int], tail: str = "") -> bytes:
        lines = [self._line(f"op-[{op}={count}]") for op, count in enumerate(counts)]
        return b"".join(lines) + self._line(f"ops-[ops={len(counts)},total={sum(counts)}{tail}]")

    def _do_fw_crc(self) -> bytes:
        crcs = [zlib.crc32(self.op_of(self.data, op)) for op in range(self.ops)]
        lines = [self._line(f"crc-[{op}={crc:08x}]") for op, crc in enumerate(crcs)]
        return b"".join(lines) + self._line(f"crc-[ops={self.ops}]")

    def _do_fw_dump(self, op: str) -> bytes:
        if int(op) >= self.ops:
            return b"e-[The model has no such op]\r\n"
        self.result = bytes(self.outputs)
        return self._bytes("dump", self.op_of(self.data, int(op)))

    def _do_fw_stack(self) -> bytes:
        return self._line(f"stack-[size={self.stack},used=1000]")

    def _do_fw_npu(self) -> bytes:
        if not self.npu:
            return self._line("npu-[jobs=0,cycles=none,events=none]")
        jobs, cycles, *events = self.npu
        return self._line(f"npu-[jobs={jobs},cycles={cycles},events={':'.join(map(str, events))}]")

    def _do_fw_end(self) -> bytes:
        self.ended = True
        return self._line("end") + b"\x04"


class Memory:
    """The memory of ``device`` by a way beside the line; ``rng`` spoils some of what goes there."""

    def __init__(self, device: Device, rng: random.Random | None = None) -> None:
        self._device, self._rng = device, rng
        self.reads = self.writes = 0

    def read(self, address: int, count: int) -> bytes:
        self.reads += 1
        start = address - OUTPUT_AT
        return self._spoil(self._device.result[start : start + count])

    def write(self, address: int, data: bytes) -> None:
        self.writes += 1
        assert (address, len(data)) == (INPUT_AT, self._device.inputs)
        self._device.data = self._spoil(data)

    def _spoil(self, data: bytes) -> bytes:
        if self._rng is None or self._rng.random() > 0.1:
            return data
        at = self._rng.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << self._rng.randrange(8)]) + data[at + 1 :]


class Adversary:
    """A line that changes nothing. Others override what they spoil."""

    def up(self, data: bytes) -> bytes:
        """Bytes from host to device."""
        return data

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        """Bytes from device to host, in pieces, each with its delay in s after the piece before."""
        return [(0.0, data)]

    def forged(self) -> bytes:
        """What comes right after the host wrote, whether the device says anything or not."""
        return b""

    def unasked(self) -> bytes:
        """What comes in between, every other time that the host reads."""
        return b""


class Line:
    """A Stream to ``device`` on a simulated clock. ``ends_after`` bytes it is disconnected,
    ``silent_after`` bytes nothing comes any more; both count the bytes from the device."""

    def __init__(
        self,
        device: Device,
        adversary: Adversary | None = None,
        *,
        ends_after: int | None = None,
        silent_after: int | None = None,
    ) -> None:
        self.now_s = 0.0
        self.reads = 0
        self.received = 0
        self.most_pending = 0
        self._device = device
        self._adversary = adversary or Adversary()
        self._ends_after = ends_after
        self._silent_after = silent_after
        self._queue: deque[tuple[float, bytes]] = deque()
        self._busy_s = 0.0
        self._send(device.boot())

    def clock(self) -> float:
        return self.now_s

    def write(self, data: bytes) -> None:
        self._wake()
        self._send(self._device.feed(self._adversary.up(data), self.now_s))
        forged = self._adversary.forged()
        if forged:
            self._busy_s = max(self.now_s, self._busy_s) + len(forged) / BAUD_BYTES_PER_S
            self._queue.append((self._busy_s, forged))

    def read(self, timeout_s: float) -> bytes:
        self.reads += 1
        assert timeout_s > 0
        until = self.now_s + timeout_s
        wake_s = self._device.wake_s()
        if wake_s is not None and wake_s <= until:
            self.now_s = max(self.now_s, wake_s)
            self._wake()
        own = self._adversary.unasked()
        if own and self.reads % 2:
            self.now_s += min(timeout_s, len(own) / BAUD_BYTES_PER_S)
            return self._limited(own)
        if self._queue and self._queue[0][0] <= until:
            at_s, data = self._queue.popleft()
            self.now_s = max(self.now_s, at_s)
            return self._limited(data)
        if not own:
            self.now_s = until
        return self._limited(b"")

    def close(self) -> None:
        pass

    def _wake(self) -> None:
        wake_s = self._device.wake_s()
        if wake_s is not None and wake_s <= self.now_s:
            self._send(self._device.wake())

    def _send(self, data: bytes) -> None:
        if not data:
            return
        for delay_s, piece in self._adversary.down(data, self._device):
            start_s = max(self.now_s, self._busy_s) + delay_s
            self._busy_s = start_s + len(piece) / BAUD_BYTES_PER_S
            self._queue.append((self._busy_s, piece))

    def _limited(self, data: bytes) -> bytes:
        if self._silent_after is not None:
            data = data[: max(0, self._silent_after - self.received)]
        if self._ends_after is not None:
            if self.received >= self._ends_after:
                raise Disconnected("The line is cut.")
            data = data[: self._ends_after - self.received]
        self.received += len(data)
        return data


Maker = Callable[[random.Random], Adversary]


class Noise(Adversary):
    """Bytes flipped, inserted, dropped and doubled at ``rate`` in both directions."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._rate = 10 ** rng.uniform(-4, -1.7)
        self._ways = rng.choice(("up", "down", "up down"))

    def _spoil(self, data: bytes) -> bytes:
        rng = self._rng
        out = bytearray()
        for byte in data:
            if rng.random() >= self._rate:
                out.append(byte)
                continue
            match rng.randrange(5):
                case 0:
                    out.append(byte ^ 1 << rng.randrange(8))
                case 1:
                    out += bytes((byte, rng.randrange(256)))
                case 2:
                    out += bytes((byte, byte))
                case 3:
                    out.append(rng.choice(b"%*[]=\r\n0123456789abcdefm-"))
        return bytes(out)

    def up(self, data: bytes) -> bytes:
        return self._spoil(data) if "up" in self._ways else data

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        return [(0.0, self._spoil(data) if "down" in self._ways else data)]


class AtOneAnswer(Adversary):
    """Does something once or twice in a session, at an answer drawn beforehand."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._answers = 0
        self._when = {rng.randrange(1, 40), rng.randrange(1, 80)}

    def strike_next(self) -> None:
        """Strike at the answer after the next, which is the echo of a mark, and never again."""
        self._when = {self._answers + 2}

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        self._answers += 1
        return self.strike(data, device) if self._answers in self._when else [(0.0, data)]

    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        raise NotImplementedError


class Late(AtOneAnswer):
    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        return [(self.rng.uniform(0.1, 20), data)]


class Doubled(AtOneAnswer):
    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        return [(0.0, data), (self.rng.choice((0.0, 0.001, self.rng.uniform(0, 8))), data)]


class Lost(AtOneAnswer):
    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        lines = data.splitlines(keepends=True)
        del lines[self.rng.randrange(len(lines))]
        return [(0.0, b"".join(lines))]


class Half(AtOneAnswer):
    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        at = self.rng.randrange(len(data))
        return [(0.0, data[:at]), (self.rng.uniform(0, 12), data[at:])]


class Restart(AtOneAnswer):
    """The device boots again in the middle of an answer; in some cases its banner is spoilt."""

    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        banner = device.boot()
        if self.rng.random() < 0.5:
            banner = b"".join(b"?" + line for line in banner.splitlines(keepends=True))
        kept = self.rng.choice((len(data), self.rng.randrange(len(data))))
        return [(0.0, data[:kept]), (self.rng.choice((0.0, 0.1)), banner)]


class Chatter(AtOneAnswer):
    """Prints of the user's code between the lines."""

    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        lines = data.splitlines(keepends=True)
        print_ = self.rng.choice((b"value 12\r\n", b"m-fw-run-[count=77]\r\n", b"m-ready\r\n"))
        lines.insert(self.rng.randrange(len(lines) + 1), print_)
        return [(0.0, b"".join(lines))]


class Storm(AtOneAnswer):
    """A burst of one byte, without an end of line."""

    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        at = self.rng.randrange(len(data) + 1)
        burst = self.rng.choice((b"\0", b"\xff", b"\n", b"%")) * self.rng.randrange(1, 6_000)
        return [(0.0, data[:at] + burst + data[at:])]


class Recorder(Adversary):
    """Keeps what the device answered, by the first word of what it was asked."""

    def __init__(self) -> None:
        self.asked = b""
        self.answers: dict[bytes, list[bytes]] = {}

    def up(self, data: bytes) -> bytes:
        self.asked = data.split(b"%")[0].split(b" ")[0]
        return data

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        self.answers.setdefault(self.asked, []).append(data)
        return [(0.0, data)]


class Replayer(Recorder):
    """At the ``at``-th command an old whole answer to one like it, of this or an ``old`` session.

    ``way`` says where: instead of the right answer, before or after it, for a command that never
    arrived, or mixed with the right answer's lines; or the device boots again, and nobody hears it.
    """

    WAYS = ("instead", "before", "after", "unsent", "mixed", "boot")

    def __init__(self, rng: random.Random, way: str, at: int, old: Recorder) -> None:
        super().__init__()
        self._rng, self._way, self._at, self._old = rng, way, at, old
        self._commands = 0
        self._forged = b""

    def up(self, data: bytes) -> bytes:
        super().up(data)
        if self.asked.startswith(b"fw-"):
            self._commands += 1
            if self._way == "unsent" and self._strikes():
                self._forged = self._other()
                return b""
        return data

    def forged(self) -> bytes:
        forged, self._forged = self._forged, b""
        return forged

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        if not (self.asked.startswith(b"fw-") and self._strikes()):
            return super().down(data, device)
        other = self._other()
        super().down(data, device)
        if self._way == "boot":  # unseen: the host hears nothing of it
            device.boot()
            return [(0.0, data)]
        if self._way == "mixed":
            pairs = zip(data.splitlines(True), other.splitlines(True), strict=False)
            return [(0.0, b"".join(self._rng.choice(pair) for pair in pairs))]
        order = {"instead": [other], "before": [other, data], "after": [data, other]}[self._way]
        return [(0.0, piece) for piece in order]

    def _strikes(self) -> bool:
        return self._commands == self._at

    def _other(self) -> bytes:
        found = self.answers.get(self.asked, []) + self._old.answers.get(self.asked, [])
        return self._rng.choice(found) if found else b""


class Stale(Adversary):
    """The end of an earlier session comes before the boot."""

    def __init__(self, rng: random.Random) -> None:
        other = Device()
        other.feed(b"", 0.0)
        commands = (b"fw-info%", b"fw-run%", b"fw-out%", b"fw-ops%", b"%", b"fw-end%")
        session = b"".join(other.feed(rng.choice(commands), 0.0) for _ in range(4))
        self._first: bytes | None = session[rng.randrange(len(session)) :]

    def down(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        first, self._first = self._first or b"", None
        return [(0.0, first + data)]


class Flood(AtOneAnswer):
    """From some answer on, text comes without end and without sense."""

    text: bytes | None = None

    def strike(self, data: bytes, device: Device) -> list[tuple[float, bytes]]:
        words = (b"x" * 997, b"m-ready\r\n" * 99, b"m-fw-run-[count=5]*1234\r\n" * 40, b"\n" * 500)
        self.text = self.rng.choice(words)
        return [(0.0, data)]

    def forged(self) -> bytes:
        """What comes right after the host wrote, whether the device says anything or not."""
        return b""

    def unasked(self) -> bytes:
        return self.text or b""


ADVERSARIES: tuple[Maker, ...] = (
    *(Noise, Late, Doubled, Lost, Half, Restart, Chatter, Storm, Stale, Flood),
)
