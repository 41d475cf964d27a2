"""The serial link against a device and lines that go wrong: right numbers or named errors, in time."""

from __future__ import annotations

import random
import zlib

import pytest
from fake_device import ADVERSARIES, Adversary, Device, Line, Maker, crc16

from fwgen.errors import DeviceFault, UsageError
from fwgen.link import Link, Stream, Timeouts
from fwgen.link import faults as named
from fwgen.link.answers import read_bytes, read_info
from fwgen.link.faults import (
    BadAnswer,
    BootTimeout,
    CounterStopped,
    DeviceError,
    Disconnected,
    FirmwareFault,
    NoAnswer,
    Restarted,
    WrongBuild,
)
from fwgen.link.lines import LINE_LIMIT, Lines

TIMEOUTS = Timeouts(inference_s=10.0)
NAMED = tuple(
    kind
    for kind in vars(named).values()
    if isinstance(kind, type) and issubclass(kind, DeviceFault) and kind is not DeviceFault
)


def connect(line: Line, **options: object) -> Link:
    return Link(line, clock=line.clock, token="beef", timeouts=TIMEOUTS, **options)  # type: ignore[arg-type]


def converse(link: Link, device: Device, rng: random.Random) -> int:
    """A session as ``run`` and ``verify`` have it. Every number that comes back must be right."""
    checked = 0
    link.wait_boot()
    info = link.info()
    assert (info.build, info.ops, info.hz) == (device.build, device.ops, device.hz)
    assert (info.input_bytes, info.output_bytes) == (device.inputs, device.outputs)
    for _ in range(3):
        data = rng.randbytes(device.inputs)
        link.load(data)
        for _ in range(rng.randrange(1, 3)):
            assert link.run() == device.ticks_of(data)
        assert link.outputs() == device.result_of(data)
        counts = tuple(device.op_ticks_of(data, op) for op in range(device.ops))
        assert link.op_counts() == counts
        assert link.op_crcs() == tuple(
            zlib.crc32(device.op_of(data, op)) for op in range(device.ops)
        )
        op = rng.randrange(device.ops)
        assert link.dump(op) == device.op_of(data, op)
        assert link.stack() == (device.stack, 1000)
        checked += 1
    link.end()
    return checked


def test_a_clean_session_returns_every_number_without_waiting() -> None:
    device = Device()
    line = Line(device)
    assert converse(connect(line, build=device.build), device, random.Random(1)) == 3
    assert device.ended
    assert line.now_s < 2.0


@pytest.mark.parametrize("make", ADVERSARIES, ids=lambda make: make.__name__)
def test_no_wrong_number_is_accepted_from_a_bad_line(make: Maker) -> None:
    whole = 0
    for seed in range(500):
        rng = random.Random(f"{make.__name__} {seed}")
        device = Device()
        line = Line(device, make(rng))
        try:
            whole += converse(connect(line, build=device.build), device, rng) == 3
        except NAMED as error:
            assert str(error).strip(), seed
        assert line.now_s < 600, f"seed {seed}: {line.now_s} s"
        assert line.reads < 200_000, f"seed {seed}"
    assert whole > (0 if make.__name__ in ("Restart", "Flood") else 150), f"{whole} sessions got through"


def session_length() -> int:
    device = Device()
    line = Line(device)
    converse(connect(line), device, random.Random(7))
    return line.received


@pytest.mark.parametrize("way", ["ends_after", "silent_after"])
def test_a_line_that_stops_at_any_byte_ends_in_a_named_error(way: str) -> None:
    for stop in range(session_length()):
        device = Device()
        line = Line(device, **{way: stop})
        try:
            converse(connect(line), device, random.Random(7))
        except Disconnected:
            assert way == "ends_after"
        except (BootTimeout, NoAnswer):
            assert way == "silent_after"
        else:
            assert device.ended, stop  # only the goodbye was lost
        assert line.now_s < 40, stop
