"""A PPK2 against the simulator of ppk2lab: known currents, losses, noise, a pulled plug."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ppk2lab.protocol.commands import Opcode
from ppk2lab.transport.mock import SimulatedPPK2
from ppk2lab.types import Mode

from fwgen.board import load_board
from fwgen.device.energy import PROBES, Supply
from fwgen.device.energy.energy_faults import (
    EnergyDoubt,
    EnergyProbeLost,
    NoEnergyProbe,
    SeveralEnergyProbes,
)
from fwgen.device.energy.ppk2 import RATE_HZ, read_calibration
from fwgen.device.energy.probe import Measured, Meter
from fwgen.device.link import FirmwareWindow
from fwgen.device.serial.ports import ListedPort
from tests.device.energy.ppk2_stand_in import Ppk2StandIn, window_of
from tests.device.stand_in_board import PtyDevice

METERED = load_board("nucleo-l4r5zi")
BEFORE, INSIDE = 700, 6000
VOLTS = 3.3


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in which owners of ports are noted."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@contextmanager
def metering(probe: Ppk2StandIn, supply: Supply | None = None) -> Iterator[Meter]:
    meter = PROBES["ppk2"].open(probe.port, METERED)
    try:
        meter.supply(supply or Supply(VOLTS))
        yield meter
    finally:
        meter.close()


def stand_in(ua: float = 4321.0, inside: int = INSIDE, **options: object) -> Ppk2StandIn:
    profile = window_of(inside, ua, BEFORE, 20.0)
    return Ppk2StandIn(SimulatedPPK2(profile=profile, rate_limit_hz=RATE_HZ, **options))  # type: ignore[arg-type]


def measured(meter: Meter, inside: int = INSIDE, by_firmware: float | None = None) -> Measured:
    meter.arm()
    told = FirmwareWindow(10, 1000, by_firmware or inside / RATE_HZ)
    return meter.joules(meter.window(told), told)


@pytest.mark.parametrize("ua", [33.0, 321.0, 4321.0, 43_210.0, 432_100.0])
def test_a_known_current_is_measured_within_half_a_percent(ua: float) -> None:
    """In each of the five ranges."""
    with stand_in(ua) as probe, metering(probe) as meter:
        found = measured(meter)
        assert found.joules == pytest.approx(ua * 1e-6 * VOLTS * INSIDE / RATE_HZ, rel=0.005)
        assert found.seconds == pytest.approx(INSIDE / RATE_HZ, abs=2 / RATE_HZ)
        assert (found.lost, found.rate_hz, found.source) == (0.0, 100_000, "ppk2")
        assert probe.simulator.vdd_mv == 3300 and probe.simulator.mode == Mode.SOURCE
        assert probe.simulator.dut_power


def test_a_meter_serves_for_many_windows_and_leaves_nothing_on() -> None:
    with stand_in() as probe:
        with metering(probe) as meter:
            for _ in range(3):
                assert measured(meter).joules == pytest.approx(
                    4321e-6 * VOLTS * INSIDE / RATE_HZ, rel=0.005
                )
        log = [opcode for opcode, _ in probe.simulator.command_log]
        until = time.monotonic() + 5
        while probe.simulator.dut_power and time.monotonic() < until:
            time.sleep(0.01)
        assert not probe.simulator.dut_power and not probe.simulator.measuring
        assert log.count(Opcode.START_MEASURING) == 3


def test_a_board_with_its_own_supply_is_only_metered() -> None:
    with stand_in() as probe, metering(probe, Supply(VOLTS, fed=False)) as meter:
        assert measured(meter).volts == VOLTS
        assert probe.simulator.mode == Mode.AMPERE


def test_700_lost_samples_are_noticed_though_the_counter_shows_60() -> None:
    """A window of a second: 60 of its samples would be few enough."""
    inside = RATE_HZ
    refused = pytest.raises(EnergyDoubt, match=r"700 of 100,000 samples are lost")
    with stand_in(inside=inside, gaps={50_000: 700}) as probe, metering(probe) as meter, refused:
        measured(meter, inside)


def test_few_lost_samples_are_told_and_counted_as_the_others() -> None:
    with stand_in(gaps={3000: 5}) as probe, metering(probe) as meter:
        found = measured(meter)
        assert 0 < found.lost <= 0.001
        assert found.joules == pytest.approx(4321e-6 * VOLTS * INSIDE / RATE_HZ, rel=0.005)


@pytest.mark.parametrize("bytes_lost", [1, 2, 3])
def test_bytes_that_are_lost_are_noticed(bytes_lost: int) -> None:
    """All words after them are out of step."""

    def spoil(data: bytes) -> bytes:
        return data[:400] + data[400 + bytes_lost :] if len(data) > 2000 else data

    with stand_in() as probe, metering(probe) as meter:
        probe.spoil = spoil  # type: ignore[method-assign]
        with pytest.raises(EnergyDoubt):
            measured(meter)


def test_a_current_beyond_the_range_is_no_energy() -> None:
    refused = pytest.raises(EnergyDoubt, match="at the end of the range, 1000 mA")
    with stand_in(2_000_000.0) as probe, metering(probe) as meter, refused:
        measured(meter)


def test_edges_that_are_not_the_firmwares_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fwgen.device.energy.ppk2.EDGE_S", 0.3)
    refused = pytest.raises(EnergyDoubt, match="apart for the probe")
    with stand_in() as probe, metering(probe) as meter, refused:
        measured(meter, by_firmware=0.07)
    refused = pytest.raises(EnergyDoubt, match="1 edges came at input D0")
    with stand_in(inside=10 * RATE_HZ) as probe, metering(probe) as meter, refused:
        measured(meter)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_pulled_plug_is_told_at_once(when: str) -> None:
    begun = time.monotonic()
    with (
        stand_in(inside=10 * RATE_HZ) as probe,
        pytest.raises(EnergyProbeLost, match="The energy probe is gone"),
        metering(probe) as meter,
    ):
        if when == "before":
            probe.unplug()
        else:
            threading.Timer(0.3, probe.unplug).start()
        measured(meter)
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("volts", [None, 0.5, 5.5])
def test_a_voltage_that_it_cannot_make_is_refused(volts: float | None) -> None:
    with stand_in() as probe:
        with pytest.raises(NoEnergyProbe, match="takes boards of"), metering(probe, Supply(volts)):
            pass
        assert not probe.simulator.dut_power


def test_another_device_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fwgen.device.energy.ppk2.ANSWER_S", 0.4)
    answers = (b"", b"e-[Unknown command]\r\nm-ready\r\n", b"R0: x\r\nEND\r\n", b"\xff\x00" * 500)
    for answer in answers:
        device = PtyDevice(lambda data, answer=answer: answer)  # type: ignore[misc]
        with pytest.raises(NoEnergyProbe, match=r"is no PPK2|no complete calibration"):
            PROBES["ppk2"].open(device.port, METERED)
        device.close()


def test_a_probe_left_running_is_taken_over() -> None:
    with stand_in() as probe:
        probe.simulator.handle_write(bytes([Opcode.START_MEASURING]))
        time.sleep(0.05)
        with metering(probe) as meter:
            assert measured(meter).lost == 0


def test_metadata_that_lacks_something_calibrates_nothing() -> None:
    text = SimulatedPPK2().metadata_text()
    assert read_calibration(text) is not None
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line[0] in "RGOISU" and ":" in line and line.split(":")[0][-1].isdecimal():
            assert read_calibration("\n".join(lines[:number] + lines[number + 1 :])) is None, line

    assert read_calibration(text.replace("R0: ", "R0: -")) is None


def test_a_range_without_calibration_gives_no_energy() -> None:
    """Some probes have constants that are no numbers: the other ranges are good."""
    text = SimulatedPPK2().metadata_text()
    for lacking, refused in (("GI2", True), ("GI3", False)):
        with stand_in() as probe:
            spoiled = text.replace(f"{lacking}: 1.0", f"{lacking}: -nan")
            probe.simulator.metadata_text = lambda spoiled=spoiled: spoiled  # type: ignore[misc]
            with metering(probe) as meter:
                if refused:
                    with pytest.raises(EnergyDoubt, match="no calibration of range 2"):
                        measured(meter)
                else:
                    assert measured(meter).lost == 0


def test_two_probes_are_listed_and_two_ports_of_one_are_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A PPK2 has a port that measures and one with a shell."""
    found = [
        ListedPort("/dev/ttyACM1", 0x1915, 0xC00A, "AAAA", "PPK2", "1-4:1.3"),
        ListedPort("/dev/ttyACM0", 0x1915, 0xC00A, "AAAA", "PPK2", "1-4:1.1"),
        ListedPort("/dev/ttyACM2", 0x0483, 0x374B, "F", "STLINK", "1-5:1.2"),
    ]
    monkeypatch.setattr("fwgen.device.energy.port_meter.list_ports", lambda: tuple(found))
    assert PROBES["ppk2"].only() == "usb:AAAA"
    found.append(ListedPort("/dev/ttyACM3", 0x1915, 0xC00A, "BBBB", "PPK2", "1-6:1.1"))
    with pytest.raises(SeveralEnergyProbes) as told:
        PROBES["ppk2"].only()
    assert told.value.tries == ("--energy ppk2:usb:AAAA", "--energy ppk2:usb:BBBB")
    with pytest.raises(NoEnergyProbe) as missing:
        PROBES["ppk2"].open("usb:AAAA", METERED)
    assert "/dev/ttyACM0" in f"{missing.value}" or "no such port" in missing.value.what
    found.clear()
    with pytest.raises(NoEnergyProbe, match="No Nordic PPK2 energy probe is there"):
        PROBES["ppk2"].only()
