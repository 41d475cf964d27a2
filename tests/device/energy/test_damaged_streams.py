"""Streams of energy probes from which bytes are lost or doubled: a right energy, or none."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from fwgen.device.energy.energy_faults import EnergyDoubt
from fwgen.device.energy.lpm01a import Lpm01aMeter
from fwgen.device.energy.port_meter import PortMeter
from fwgen.device.energy.ppk2 import Ppk2Meter, read_calibration
from fwgen.device.link import FirmwareWindow
from tests.device.energy.lpm01a_stand_in import Lpm01aStandIn

ROUNDS = 60
SEED = 20_261_130


@dataclass
class NoPort:
    """A port on which nothing is said but what the test says."""

    place: Any = None

    def write(self, data: bytes) -> None:
        """What is sent to nobody."""


@dataclass(frozen=True)
class Recorded:
    """All that a probe sent around a window of so many seconds and joules."""

    meter: Callable[[], PortMeter]
    data: bytes
    seconds: float
    joules: float


def text_of_lpm01a() -> Recorded:
    """3 s with two edges in it, at a power that varies."""
    said = bytearray()
    probe = Lpm01aStandIn(lambda s: 0.02 + 0.01 * (int(s * 50) % 2))
    try:
        probe.settings |= {"freq": "1k", "output": "energy", "eventsrc": "d7 fal"}
        probe.acquiring = True
        probe._say = said.extend  # type: ignore[method-assign, assignment]
        for seconds in (0.3, 2.0, 0.7):
            probe.pass_time(seconds)
            probe.edge()
    finally:
        probe.close()
    said = said[: said.rindex(b"event 2")]

    def meter() -> PortMeter:
        made = Lpm01aMeter(NoPort())  # type: ignore[arg-type]
        made._acquires, made._most_joules = True, 1e-3
        return made

    return Recorded(meter, bytes(said), 2.0, 0.025 * 2.0)


def words_of_ppk2() -> Recorded:
    """A window of 20,000 samples, with a counter of six bits, in the second range."""
    count, inside = 24_000, 20_000
    level = np.ones(count, np.uint32)
    for edge in (2000, 2000 + inside):
        level[edge : edge + 2] = 0
    counts = np.where(np.arange(count) // 100 % 2, 12_000, 6_000).astype(np.uint32)
    words = counts | 1 << 14 | (np.arange(count, dtype=np.uint32) % 64) << 18 | level << 24
    lines = [f"R{n}: {10.0 ** (3 - n)}" for n in range(5)]
    for name, value in (("GS", 0), ("GI", 1), ("O", 0), ("S", 0), ("I", 0), ("UG", 1)):
        lines += [f"{name}{n}: {value}" for n in range(5)]
    calibration = read_calibration("\n".join(lines))

    def meter() -> PortMeter:
        made = Ppk2Meter(NoPort())  # type: ignore[arg-type]
        made._acquires, made._calibration, made.volts = True, calibration, 3.0
        return made

    amperes = 9_000 * 4 * 1.8 / 163_840 / 100.0
    return Recorded(meter, words.astype("<u4").tobytes(), 0.2, amperes * 3.0 * 0.2)


@pytest.fixture(scope="module", params=[text_of_lpm01a, words_of_ppk2], ids=["lpm01a", "ppk2"])
def recorded(request: pytest.FixtureRequest) -> Recorded:
    found: Recorded = request.param()
    return found


def energy_of(recorded: Recorded, data: bytes, rng: random.Random) -> float | None:
    """The energy of a stream that comes in pieces of any size, None if it is refused."""
    meter = recorded.meter()
    while data:
        size = rng.randrange(1, 5000)
        meter.take(data[:size])
        data = data[size:]
    stream = meter._stream  # type: ignore[attr-defined]
    told = FirmwareWindow(1, 1, recorded.seconds)
    if not stream.complete or getattr(meter, "_trouble", ""):
        return None
    meter._acquires = False  # type: ignore[attr-defined]
    try:
        return meter.joules(meter.window(told), told).joules
    except EnergyDoubt:
        return None


def test_a_whole_stream_is_right(recorded: Recorded) -> None:
    rng = random.Random(SEED)
    assert energy_of(recorded, recorded.data, rng) == pytest.approx(recorded.joules, rel=0.005)


@pytest.mark.parametrize("damage", ["lost", "doubled", "swapped"])
def test_damage_is_noticed_or_does_no_harm(recorded: Recorded, damage: str) -> None:
    """Some bytes, or up to a tenth of all: what is lost in a cable or a driver is of any size."""
    rng = random.Random(SEED)
    refused = 0
    for _ in range(ROUNDS):
        data = recorded.data
        size = rng.choice((1, 2, 3, 4, 9, rng.randrange(1, len(data) // 10)))
        at = rng.randrange(len(data) - 2 * size)
        piece, after = data[at : at + size], data[at + size :]
        begin = data[:at]
        changed = {
            "lost": begin + after,
            "doubled": begin + piece + piece + after,
            "swapped": begin + after[:size] + piece + after[size:],
        }[damage]
        joules = energy_of(recorded, changed, rng)
        refused += joules is None
        if joules is not None:
            assert joules == pytest.approx(recorded.joules, rel=0.005), (size, at)
    assert refused > 0, "much of it does harm"
