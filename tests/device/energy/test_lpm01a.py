"""An LPM01A against its stand-in: known powers, losses, noise, other devices, a pulled plug."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import sin
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.device.energy import PROBES, Supply
from fwgen.device.energy.energy_faults import EnergyDoubt, EnergyProbeLost, NoEnergyProbe
from fwgen.device.energy.probe import Measured, Meter
from fwgen.device.link import FirmwareWindow
from fwgen.errors import FwgenError
from tests.device.energy.lpm01a_stand_in import BOARD_ID, Lpm01aStandIn
from tests.device.stand_in_board import PtyDevice

METERED = load_board("nucleo-l4r5zi")
BEFORE_S, WINDOW_S, AFTER_S = 0.35, 2.4, 1.0


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in which owners of ports are noted."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(name="probe")
def probe_fixture() -> Iterator[Lpm01aStandIn]:
    with Lpm01aStandIn() as probe:
        yield probe


@contextmanager
def metering(probe: Lpm01aStandIn, volts: float = 3.0) -> Iterator[Meter]:
    meter = PROBES["lpm01a"].open(probe.port, METERED)
    try:
        meter.supply(Supply(volts))
        yield meter
    finally:
        meter.close()


def pass_window(probe: Lpm01aStandIn, seconds: float = WINDOW_S) -> None:
    """What the probe sees of a board that runs inferences for so long."""
    probe.pass_time(BEFORE_S)
    probe.edge()
    probe.pass_time(seconds)
    probe.edge()
    probe.pass_time(AFTER_S)


def measured(meter: Meter, seconds: float = WINDOW_S, by_firmware: float | None = None) -> Measured:
    told = FirmwareWindow(10, 1000, by_firmware or seconds)
    return meter.joules(meter.window(told), told)


@pytest.mark.parametrize("power", ["constant", "steps", "waves"])
def test_a_known_power_is_measured_within_half_a_percent(probe: Lpm01aStandIn, power: str) -> None:
    """The expected energy is the integral of the power between the edges."""
    watts, joules = {
        "constant": (lambda s: 0.0123, 0.0123 * WINDOW_S),
        "steps": (
            lambda s: 0.100 if int(s * 10) % 2 else 0.001,
            sum(
                0.001 * (0.100 if (BEFORE_S + (n + 0.5) / 1000) * 10 % 2 >= 1 else 0.001)
                for n in range(2400)
            ),
        ),
        "waves": (
            lambda s: 0.02 + 0.015 * sin(7 * s),
            0.02 * WINDOW_S
            + 0.015 / 7 * (math.cos(7 * BEFORE_S) - math.cos(7 * (BEFORE_S + WINDOW_S))),
        ),
    }[power]
    probe.watts = watts
    with metering(probe) as meter:
        assert probe.powers and probe.settings["volt"] == "3000m"
        for _ in range(2):  # a meter serves for as many windows as one likes
            meter.arm()
            pass_window(probe)
            found = measured(meter)
            assert found.joules == pytest.approx(joules, rel=0.005)
            assert found.seconds == pytest.approx(WINDOW_S, abs=0.002)
            assert (found.samples, found.lost, found.rate_hz) == (2400, 0.0, 1000)
            assert (found.unit, found.volts) == ("J", 3.0) and BOARD_ID in found.source
    assert not probe.powers and not probe.controlled and not probe.acquiring


def test_lost_samples_are_noticed(probe: Lpm01aStandIn) -> None:
    """700 are refused, and also 3 of 2,400; 2 are counted as the others on average."""
    for dropped, share in ((700, 0.0), (3, 0.0), (2, 2 / 2400)):
        probe.dropped = frozenset(range(900, 900 + dropped))
        with metering(probe) as meter:
            meter.arm()
            pass_window(probe)
            if share:
                found = measured(meter)
                assert found.lost == pytest.approx(share)
                assert found.joules == pytest.approx(0.010 * WINDOW_S, rel=1e-6)
            else:
                with pytest.raises(EnergyDoubt, match=rf"{dropped} of 2,400 samples are lost"):
                    measured(meter)


def test_a_loss_outside_of_the_window_does_not_matter(probe: Lpm01aStandIn) -> None:
    probe.dropped = frozenset(range(3100, 3200))
    with metering(probe) as meter:
        meter.arm()
        pass_window(probe)
        probe.pass_time(1.0)
        assert measured(meter).lost == 0


@pytest.mark.parametrize(
    "noise", [b"\xff\x00garbage\r\n", b"12", b"9999+99\r\n", b"1000-08\r\n" * 9]
)
def test_noise_is_no_energy(probe: Lpm01aStandIn, noise: bytes) -> None:
    """What is no sample adds nothing; a sample too much, or one that is damaged, is a loss."""
    with metering(probe) as meter:
        meter.arm()
        probe.pass_time(BEFORE_S)
        probe.edge()
        probe.pass_time(WINDOW_S / 2)
        probe.inject(noise)
        probe.pass_time(WINDOW_S / 2)
        probe.edge()
        probe.pass_time(AFTER_S)
        try:
            assert measured(meter).joules == pytest.approx(0.010 * WINDOW_S, rel=0.001)
        except EnergyDoubt as doubt:
            assert "lost or damaged" in doubt.what and len(noise) > 20


def test_edges_that_are_not_the_firmwares_are_refused(probe: Lpm01aStandIn) -> None:
    with metering(probe) as meter:
        meter.arm()
        pass_window(probe)
        with pytest.raises(EnergyDoubt, match=r"2.4 s apart for the probe, and 2.5 s"):
            measured(meter, by_firmware=2.5)


def test_edges_that_do_not_come_are_told(
    probe: Lpm01aStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fwgen.device.energy.lpm01a._BLOCK_S", 0.3)
    with metering(probe) as meter:
        meter.arm()
        probe.edge()
        probe.pass_time(1.0)
        with pytest.raises(EnergyDoubt, match="1 edges came at pin D7"):
            measured(meter)
        meter.arm()
        probe.edge()
        probe.pass_time(0.5)
        probe.edge()
        with pytest.raises(EnergyDoubt, match="No time stamp came"):
            measured(meter, 0.5)


def test_an_edge_that_the_probe_left_out_is_noticed(probe: Lpm01aStandIn) -> None:
    with metering(probe) as meter:
        meter.arm()
        probe.edge()
        probe.pass_time(0.5)
        probe.inject(b"event 2 ris\r\n")
        with pytest.raises(EnergyDoubt, match="edge 2 where 1 was expected"):
            measured(meter)


def test_more_than_the_probe_can_measure_is_no_energy(probe: Lpm01aStandIn) -> None:
    probe.watts = lambda _: 0.050 * 3.0
    with metering(probe) as meter:
        meter.arm()
        pass_window(probe)
        with pytest.raises(EnergyDoubt, match=r"at the end of the range, 50 mA"):
            measured(meter)


def test_an_error_of_the_probe_ends_the_measurement(probe: Lpm01aStandIn) -> None:
    with metering(probe) as meter:
        meter.arm()
        probe.pass_time(0.1)
        probe.inject(b"\r\nerror overcurrent\r\n")
        with pytest.raises(EnergyDoubt, match="The probe stopped: error overcurrent"):
            measured(meter)


@pytest.mark.parametrize("when", ["before", "armed", "window"])
def test_a_pulled_plug_is_told_at_once(probe: Lpm01aStandIn, when: str) -> None:
    begun = time.monotonic()
    with pytest.raises(EnergyProbeLost, match="The energy probe is gone"), metering(probe) as meter:
        if when == "before":
            probe.unplug()
        meter.arm()
        if when == "armed":
            probe.unplug()
            measured(meter)
        probe.pass_time(BEFORE_S)
        probe.edge()
        threading.Timer(0.2, probe.unplug).start()
        measured(meter)
    assert time.monotonic() - begun < 60


def test_a_fault_of_ours_while_reading_is_no_silence(probe: Lpm01aStandIn) -> None:
    """It reaches whoever waits, at once."""

    def fail(line: bytes) -> None:
        raise ZeroDivisionError("a fault of ours")

    meter = PROBES["lpm01a"].open(probe.port, METERED)
    meter._take_line = fail  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        meter.supply(Supply(3.0))
    with pytest.raises(ZeroDivisionError, match="a fault of ours"):
        meter.close()
    PROBES["lpm01a"].open(probe.port, METERED).close()  # the port is free


def test_firmware_of_the_probe_without_events_is_told(probe: Lpm01aStandIn) -> None:
    probe.knows_events = False
    with pytest.raises(NoEnergyProbe, match="refused `eventsrc d7 fal`") as told, metering(probe):
        pass
    assert any("MLCommons" in each for each in told.value.tries)
    assert not probe.powers and not probe.controlled


@pytest.mark.parametrize("volts", [None, 0.0, 1.7, 3.4, 5.0, float("nan")])
def test_a_voltage_that_it_cannot_make_is_refused(
    probe: Lpm01aStandIn, volts: float | None
) -> None:
    with pytest.raises(NoEnergyProbe, match="feeds a board with"), metering(probe, volts):  # type: ignore[arg-type]
        pass
    assert "pwr on nostatus" not in probe.heard


def test_a_board_with_a_supply_of_its_own_is_refused(probe: Lpm01aStandIn) -> None:
    meter = PROBES["lpm01a"].open(probe.port, METERED)
    with pytest.raises(NoEnergyProbe, match="always feeds"):
        meter.supply(Supply(3.0, fed=False))
    meter.close()


def test_another_device_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that says nothing, one that echoes, and a board with fwgen's firmware."""
    monkeypatch.setattr("fwgen.device.energy.lpm01a.ANSWER_S", 0.3)
    for talk, said in (
        (lambda data: b"", "says nothing"),
        (lambda data: data, "It says"),
        (lambda data: b"e-[Command too long]\r\nm-ready\r\n", "It says 'e-"),
    ):
        device = PtyDevice(talk)
        with pytest.raises(NoEnergyProbe, match="is no LPM01A") as told:
            PROBES["lpm01a"].open(device.port, METERED)
        assert said in told.value.what
        device.close()


def test_a_port_has_one_user(probe: Lpm01aStandIn, tmp_path: Path) -> None:
    with metering(probe), pytest.raises(NoEnergyProbe, match="is used by"), metering(probe):
        pass
    with pytest.raises(NoEnergyProbe, match="no such port") as told:
        PROBES["lpm01a"].open(os.fspath(tmp_path / "ttyACM7"), METERED)
    assert "--energy lpm01a:" in told.value.at


def test_a_probe_left_running_is_taken_over(probe: Lpm01aStandIn) -> None:
    """As a host leaves it that was killed in the middle."""
    probe.controlled = probe.acquiring = True
    probe.settings["freq"] = "1k"
    probe.pass_time(1.0)
    with metering(probe) as meter:
        meter.arm()
        pass_window(probe)
        assert measured(meter).joules == pytest.approx(0.010 * WINDOW_S, rel=0.005)


def test_all_failures_are_sentences() -> None:
    for error in (EnergyDoubt, EnergyProbeLost, NoEnergyProbe):
        assert issubclass(error, FwgenError) and error("x.").exit_code in (6, 7)
