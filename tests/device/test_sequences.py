"""Models with state over the serial link: whatever the line does, no inference is lost or made
twice."""

from __future__ import annotations

import random
import zlib

import pytest

from fwgen.device.link import Link, Timeouts
from fwgen.device.link import faults as named
from fwgen.errors import DeviceFault
from tests.device.fake_device import ADVERSARIES, Device, Flood, Line, Maker

STATE_BYTES = 70
NAMED = tuple(
    kind
    for kind in vars(named).values()
    if isinstance(kind, type) and issubclass(kind, DeviceFault) and kind is not DeviceFault
)


def after(state: bytes, data: bytes) -> bytes:
    """The state after an inference."""
    return random.Random(b"state" + state + data).randbytes(STATE_BYTES)


class Keeper(Device):
    """A device whose outputs depend on all inputs since its last reset."""

    def __init__(self) -> None:
        super().__init__()
        self.state = b"of a session before".ljust(STATE_BYTES)

    def boot(self) -> bytes:
        self.state = bytes(STATE_BYTES)
        return super().boot()

    def seen(self, data: bytes) -> bytes:
        return data + self.state

    def _step(self) -> None:
        self.state = after(self.state, self.data)

    def _do_fw_info(self) -> bytes:
        line = super()._do_fw_info()
        text = line[len(b"m-fw-") : line.rindex(b"]")].decode()
        return self._line(f"{text},state={STATE_BYTES}]")

    def _do_fw_run(self) -> bytes:
        self.runs += 1
        self.result = self.result_of(self.seen(self.data))
        self._step()
        return self._line(f"run-[count={self.ticks_of(self.data)}]")

    def _do_fw_window(self, count: str) -> bytes:
        line = super()._do_fw_window(count)
        for _ in range(int(count)):
            self._step()
        return line

    def _do_fw_crc(self) -> bytes:
        seen = self.seen(self.data)
        self.result = self.result_of(seen)
        crcs = [zlib.crc32(self.op_of(seen, op)) for op in range(self.ops)]
        self._step()
        lines = [self._line(f"crc-[{op}={crc:08x}]") for op, crc in enumerate(crcs)]
        return b"".join(lines) + self._line(f"crc-[ops={self.ops}]")

    def _do_fw_dump(self, op: str) -> bytes:
        if int(op) >= self.ops:
            return b"e-[The model has no such op]\r\n"
        self.result = bytes(self.outputs)
        found = self._bytes("dump", self.op_of(self.seen(self.data), int(op)))
        self.state = b"stopped in the middle".ljust(STATE_BYTES)
        return found

    def _do_fw_reset(self) -> bytes:
        self.state = bytes(STATE_BYTES)
        return self._line("reset-[]")

    def _do_fw_state(self, what: str = "") -> bytes:
        if what:
            return self._bytes("state", self.state)
        return self._line(f"state-[bytes={STATE_BYTES},crc={zlib.crc32(self.state):08x}]")


def converse(link: Link, device: Keeper, rng: random.Random) -> bool:
    """A session of two sequences, whose right numbers follow from their inputs alone."""
    link.wait_boot()
    assert link.info().state_bytes == STATE_BYTES
    for _ in range(2):
        state = bytes(STATE_BYTES)
        link.reset()
        for _ in range(rng.randrange(1, 4)):
            data = rng.randbytes(device.inputs)
            link.load(data)
            steps = rng.randrange(3)  # with none, the CRCs of the ops are of the inference itself
            for _ in range(steps):
                before, state = state, after(state, data)
                link.run()
                assert link.outputs() == device.result_of(data + before)
            if rng.random() < 0.3:  # a window is as if it had not been
                assert link.window(5, 10.0).ticks == device.window_ticks_of(data, 5)
            if not steps or rng.random() < 0.5:
                before = before if steps else state
                crcs = tuple(
                    zlib.crc32(device.op_of(data + before, op)) for op in range(device.ops)
                )
                assert link.op_crcs() == crcs
                state = after(before, data)
                assert link.outputs() == device.result_of(data + before)
            assert link.state_crc() == zlib.crc32(state)
            assert link.state() == state
            if rng.random() < 0.3:
                op = rng.randrange(device.ops)
                assert link.dump(op) == device.op_of(data + before, op)
                assert link.op_crcs() == crcs if not steps else True
                assert link.outputs() == device.result_of(data + before)
    link.end()
    return True


def connect(line: Line) -> Link:
    return Link(line, clock=line.clock, token="beef", timeouts=Timeouts(inference_s=10.0))


@pytest.mark.parametrize("seed", range(30))
def test_a_clean_sequence(seed: int) -> None:
    device = Keeper()
    assert converse(connect(Line(device)), device, random.Random(seed))


def test_a_sequence_begins_anew_in_each_session() -> None:
    device = Keeper()
    line = Line(device)
    device.state = b"of a session before".ljust(STATE_BYTES)
    link = connect(line)
    link.wait_boot()
    link.load(bytes(device.inputs))
    link.run()
    assert link.state() == after(bytes(STATE_BYTES), bytes(device.inputs))


@pytest.mark.parametrize("make", ADVERSARIES, ids=lambda make: make.__name__)
def test_a_bad_line_neither_loses_nor_doubles_an_inference(make: Maker) -> None:
    whole = 0
    for seed in range(60):
        rng = random.Random(f"{make.__name__} {seed}")
        device = Keeper()
        line = Line(device, make(rng))
        try:
            whole += converse(connect(line), device, rng)
        except NAMED as error:
            assert str(error).strip(), seed
        assert line.now_s < 3000, f"seed {seed}: {line.now_s} s"
    assert whole >= (0 if make is Flood else 5), f"{whole} sessions got through"
