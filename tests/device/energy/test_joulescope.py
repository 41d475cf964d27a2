"""Joulescopes by a driver of ours in the place of their maker's, which has no simulator."""

from __future__ import annotations

import inspect
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.device.energy import PROBES, Supply, find_energy_probe
from fwgen.device.energy.energy_faults import (
    EnergyDoubt,
    EnergyProbeLost,
    NoEnergyProbe,
    SeveralEnergyProbes,
)
from fwgen.device.energy.joulescope import IDS_HZ, PACKAGE, JoulescopeDriver, JoulescopeMeter
from fwgen.device.energy.probe import Measured
from fwgen.device.link import FirmwareWindow
from fwgen.errors import DeviceUnavailable

METERED = load_board("nucleo-l4r5zi")
PATH = "u/js220/000415"
PIECE_S = 0.02
WATTS = 0.0321
BEFORE_S, WINDOW_S = 0.0501, 0.2
LOW_S = 20e-6
FIRST = 123_456_790  # the number of the first sample


def power_of(second: float) -> float:
    """A power that is high in every other millisecond; the mean is WATTS."""
    return WATTS * (1.8 if int(second * 1000) % 2 else 0.2)


class FakeDriver:
    """The maker's driver, whose probe sends ``stream`` once both signals are on."""

    def __init__(self, paths: tuple[str, ...] = (PATH,)) -> None:
        self.paths = paths
        self.published: list[tuple[str, object]] = []
        self.closed: list[str] = []
        self.heard: dict[str, Callable[[str, Any], None]] = {}
        self.spoil: Callable[[list[tuple[str, dict[str, Any]]]], list[Any]] = lambda pieces: pieces
        self.edges_s: tuple[float, ...] = (BEFORE_S, BEFORE_S + WINDOW_S)
        self.lasts_s = BEFORE_S + WINDOW_S + 0.1
        self.fails: str | None = None
        self._thread: threading.Thread | None = None

    def device_paths(self) -> list[str]:
        return list(self.paths)

    def open(self, device_prefix: str, mode: str | None = None) -> None:
        if device_prefix not in self.paths:
            raise RuntimeError("jsdrv_open failed 11: NOT_FOUND")
        assert mode == "restore"

    def close(self, device_prefix: str) -> None:
        self.closed.append(device_prefix)

    def finalize(self) -> None:
        if self._thread is not None:
            self._thread.join()
        self.closed.append("driver")

    def publish(self, topic: str, value: object, timeout: float | None = None) -> None:
        if self.fails is not None and self.fails in topic:
            raise TimeoutError("jsdrv_publish timed out")
        self.published.append((topic, value))
        if topic == f"{PATH}/s/p/ctrl" and value == 1:
            self._thread = threading.Thread(target=self._send)
            self._thread.start()

    def subscribe(self, topic: str, flags: object, fn: Any) -> None:
        assert flags == "pub"
        self.heard[topic] = fn

    def unsubscribe(self, topic: str, fn: Any) -> None:
        self.heard.pop(topic, None)

    def pieces(self) -> list[tuple[str, dict[str, Any]]]:
        """Of both signals, in turn."""
        found = []
        for number in range(round(self.lasts_s / PIECE_S)):
            begin = number * round(PIECE_S * IDS_HZ)
            ids = begin + np.arange(round(PIECE_S * IDS_HZ))
            level = np.ones(len(ids), bool)
            for edge_s in self.edges_s:
                low = (ids >= edge_s * IDS_HZ) & (ids < (edge_s + LOW_S) * IDS_HZ)
                level &= ~low
            watts = np.array([power_of(i / IDS_HZ) for i in ids[::2]], np.float32)
            bits = np.packbits(level, bitorder="little")
            about = {"sample_id": FIRST + begin, "sample_rate": IDS_HZ}
            found.append(("s/p", {**about, "decimate_factor": 2, "data": watts}))
            found.append(("s/gpi/0", {**about, "decimate_factor": 1, "data": bits}))
        return found

    def _send(self) -> None:
        for signal, piece in self.spoil(self.pieces()):
            heard = self.heard.get(f"{PATH}/{signal}/!data")
            if heard is not None:
                heard(f"{PATH}/{signal}/!data", piece)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> FakeDriver:
    fake = FakeDriver()
    monkeypatch.setattr("fwgen.device.energy.joulescope._driver", lambda: fake)
    monkeypatch.setattr("fwgen.device.energy.joulescope.EDGE_S", 1.0)
    monkeypatch.setattr("fwgen.device.energy.joulescope.FIRST_S", 1.0)
    return fake


@contextmanager
def metering(driver: FakeDriver) -> Iterator[JoulescopeMeter]:
    meter = PROBES["joulescope"].open(driver.paths[0], METERED)
    assert isinstance(meter, JoulescopeMeter)
    try:
        meter.supply(Supply())
        yield meter
    finally:
        meter.close()


def measured(meter: JoulescopeMeter) -> Measured:
    meter.arm()
    told = FirmwareWindow(10, 1000, WINDOW_S)
    return meter.joules(meter.window(told), told)


def test_a_known_power_is_measured_within_half_a_percent(driver: FakeDriver) -> None:
    with metering(driver) as meter:
        for _ in range(2):
            found = measured(meter)
            assert found.joules == pytest.approx(WATTS * WINDOW_S, rel=0.005)
            assert found.seconds == pytest.approx(WINDOW_S, abs=2e-6)
            assert (found.lost, found.rate_hz, found.volts) == (0.0, 1e6, None)
    assert (f"{PATH}/s/i/range/mode", "auto") in driver.published
    assert driver.published[-2:] == [(f"{PATH}/s/gpi/0/ctrl", 0), (f"{PATH}/s/p/ctrl", 0)]
    assert driver.closed == [PATH, "driver"] and not driver.heard


def test_the_order_of_pieces_does_not_matter(driver: FakeDriver) -> None:
    """Each signal is in order, but one may be ahead of the other."""

    def shuffled(pieces: list[Any]) -> list[Any]:
        rng, signals = random.Random(1), {"s/p": [], "s/gpi/0": []}  # type: ignore[var-annotated]
        for signal, piece in pieces:
            signals[signal].append(piece)
        return [
            (signal, signals[signal].pop(0))
            for signal in rng.sample([s for s, _ in pieces], len(pieces))
        ]

    driver.spoil = shuffled
    with metering(driver) as meter:
        assert measured(meter).joules == pytest.approx(WATTS * WINDOW_S, rel=0.005)


@pytest.mark.parametrize("signal", ["s/p", "s/gpi/0"])
def test_700_lost_samples_are_noticed(driver: FakeDriver, signal: str) -> None:
    """In the window they are refused, outside of it they do not matter."""

    def without(number: int) -> Callable[[list[Any]], list[Any]]:
        def spoil(pieces: list[Any]) -> list[Any]:
            piece = [p for s, p in pieces if s == signal][number]
            step = piece["decimate_factor"]
            count = 700 if step == 2 else 1400
            piece["data"] = piece["data"][count // (1 if step == 2 else 8) :]
            piece["sample_id"] += count * step
            return pieces

        return spoil

    with metering(driver) as meter:
        driver.spoil = without(7)
        with pytest.raises(EnergyDoubt, match=r"700 of 200,[07]00 samples are lost"):
            measured(meter)
        driver.spoil = without(15)
        assert measured(meter).lost == 0


def test_samples_that_are_no_numbers_are_lost(driver: FakeDriver) -> None:
    def spoil(pieces: list[Any]) -> list[Any]:
        pieces[14][1]["data"][100:103] = np.nan
        return pieces

    driver.spoil = spoil
    with metering(driver) as meter:
        found = measured(meter)
        assert found.lost == pytest.approx(3 / 200_000)
        assert found.joules == pytest.approx(WATTS * WINDOW_S, rel=0.005)


def test_edges_that_do_not_come_are_told(driver: FakeDriver) -> None:
    driver.edges_s = (BEFORE_S,)
    with metering(driver) as meter, pytest.raises(EnergyDoubt, match="1 edges came at gpi 0"):
        measured(meter)
    driver.edges_s = (BEFORE_S, BEFORE_S + 0.1)
    with metering(driver) as meter, pytest.raises(EnergyDoubt, match="apart for the probe"):
        measured(meter)


def test_a_pulled_plug_is_told_at_once(driver: FakeDriver) -> None:
    begun = time.monotonic()
    driver.spoil = lambda pieces: pieces[:8]
    with (
        metering(driver) as meter,
        pytest.raises(EnergyProbeLost, match=r"sent 0\.08 s of samples"),
    ):
        measured(meter)
    driver.spoil = lambda pieces: []
    with metering(driver) as meter, pytest.raises(EnergyProbeLost, match="sends no samples"):
        measured(meter)
    driver.fails = "ctrl"
    with metering(driver) as meter, pytest.raises(EnergyProbeLost, match="does not obey"):
        measured(meter)
    assert time.monotonic() - begun < 60


def test_wishes_that_cannot_be_are_refused(driver: FakeDriver) -> None:
    meter = PROBES["joulescope"].open(PATH, METERED)
    with pytest.raises(NoEnergyProbe, match="measures the voltage"):
        meter.supply(Supply(3.3))
    meter.close()
    with pytest.raises(NoEnergyProbe, match="cannot be opened") as told:
        PROBES["joulescope"].open("u/js220/999", METERED)
    assert told.value.tries == (f"--energy joulescope:{PATH}",)


def test_two_probes_are_listed(driver: FakeDriver) -> None:
    assert PROBES["joulescope"].only() == PATH
    driver.paths = (PATH, "u/js220/000416")
    with pytest.raises(SeveralEnergyProbes) as told:
        PROBES["joulescope"].only()
    assert f"--energy joulescope:{PATH}" in told.value.tries
    driver.paths = ()
    with pytest.raises(NoEnergyProbe, match="No Joulescope energy probe is there"):
        PROBES["joulescope"].only()


def test_the_package_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, PACKAGE, None)
    with pytest.raises(DeviceUnavailable, match="not installed") as told:
        find_energy_probe("joulescope")
    assert "pip install" in told.value.tries[0] and "pyjoulescope-driver" in told.value.tries[0]


def test_the_makers_driver_has_what_is_used() -> None:
    """The package itself: it starts, lists nothing here, and takes the arguments that we give."""
    package = pytest.importorskip(PACKAGE)
    for name, ours in vars(JoulescopeDriver).items():
        if name.startswith("_") or not callable(ours):
            continue
        theirs = inspect.signature(getattr(package.Driver, name)).parameters
        for parameter in inspect.signature(ours).parameters:
            assert parameter in theirs, f"{name}({parameter})"
    assert isinstance(PROBES["joulescope"].found(), tuple)
