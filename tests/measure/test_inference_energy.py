"""What is said of a measured energy: beside the estimate, as a coefficient, and compared."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fwgen.board import energy as board_energy
from fwgen.board import load_board
from fwgen.board.file import boards_dir, parse_board
from fwgen.device.energy import Measured, Supply
from fwgen.device.link import FirmwareWindow
from fwgen.device.run import RUNNERS
from fwgen.errors import UsageError
from fwgen.measure.counters.inference_energy import (
    EnergyWish,
    InferenceEnergy,
    check_wish,
    describe_energy,
)
from fwgen.report.energy_report import calibration_section, energy_report
from tests.conftest import Fwgen

BOARD = "nucleo-l4r5zi"
CYCLES, INFERENCES, JOULES = 5_207_000, 47, 0.0681
FOUND = InferenceEnergy(
    Measured(JOULES, 2.04, 2040, 0.0, (1e-7, 0.05), 1000.0, "lpm01a 5406", 3.0),
    FirmwareWindow(INFERENCES, CYCLES * INFERENCES, 2.04),
    "lpm01a 5406",
)


def test_a_measured_energy_is_told_beside_the_estimate() -> None:
    """The estimate is of the cycles of the window; without a counter of cycles, of those that the
    build expected."""
    board = load_board(BOARD)
    coefficient = board.section(board_energy.SECTION)
    assert coefficient is not None
    for counter, cycles in (("dwt", CYCLES), (None, 4_000_000)):
        found = describe_energy(FOUND, board, counter, expected_cycles=4_000_000)
        assert found["total"] == pytest.approx(JOULES / INFERENCES * 1e6, rel=1e-5)
        estimate = found["estimate"]
        assert estimate["total"] == pytest.approx(cycles * coefficient.pj_per_cycle / 1e6, rel=1e-3)
        assert estimate["cycles"] == cycles
        told = energy_report(found)
        assert "1,448.94 uj per inference (source: lpm01a 5406)" in told and "none lost" in told
        assert f"{found['total'] / estimate['total']:.2f} times" in told
        assert ("dwt" in told) == (counter == "dwt") and "calibration" not in found
    lost = replace(FOUND, measured=replace(FOUND.measured, lost=0.0005, volts=None))
    told = energy_report(describe_energy(lost, board, "dwt", expected_cycles=1))
    assert "0.050% lost\n" in told
    bare = load_board("netduinoplus2")
    assert "no estimate" in energy_report(describe_energy(FOUND, bare, None, expected_cycles=1))


@pytest.mark.parametrize("model", ["kws", 'it\'s a "model" \\ * of € 200 letters' * 9])
def test_a_calibration_is_a_section_of_a_board_file(model: str) -> None:
    """With it, the estimate of the same cycles is what was measured."""
    board = load_board(BOARD)
    found = describe_energy(FOUND, board, "dwt", expected_cycles=1, model=model)
    section = calibration_section(found["calibration"])
    assert section in energy_report(found)
    source = (boards_dir() / f"{BOARD}.toml").read_text()
    before, _, after = source.partition("[energy]\n")
    rest = after.partition("\n[")
    own = parse_board(f"{before}{section}\n{''.join(rest[1:])}".encode(), "own.toml")
    coefficient = own.section(board_energy.SECTION)
    assert coefficient is not None and coefficient.calibrated
    assert board_energy.estimated_uj(CYCLES, coefficient) == pytest.approx(FOUND.uj, rel=1e-3)
    assert "measured by lpm01a" in coefficient.source and "120 MHz, 3 V" in coefficient.source


def test_nothing_is_calibrated_by_cycles_that_nobody_counted() -> None:
    with pytest.raises(UsageError, match="counts no cycles"):
        describe_energy(FOUND, load_board(BOARD), None, expected_cycles=1, model="kws")


def test_wishes_are_compared_with_the_board() -> None:
    serial, qemu = RUNNERS["serial"], RUNNERS["qemu"]
    wish = EnergyWish("ppk2", Supply(3.0), calibrate=True)
    check_wish(wish, load_board(BOARD), serial)
    for board, runner, said in (
        (BOARD, qemu, "takes no energy that could be"),
        ("netduinoplus2", serial, "no pin that tells"),
    ):
        with pytest.raises(UsageError, match=said):
            check_wish(wish, load_board(board), runner)
    board = load_board(BOARD)
    with pytest.raises(UsageError, match="no counter by which"):
        check_wish(wish, replace(board, timer=None), serial)
    assert board.timer is not None
    with pytest.raises(UsageError, match="counts no cycles"):
        check_wish(wish, replace(board, timer=replace(board.timer, source="systick")), serial)


def test_measured_energies_are_compared_if_they_are_of_one_kind(
    fwgen: Fwgen, tmp_path: Path
) -> None:
    board = load_board(BOARD)
    old = {"energy": describe_energy(FOUND, board, "dwt", expected_cycles=1)}
    more = replace(FOUND, measured=replace(FOUND.measured, joules=JOULES * 1.1))
    paths = []
    for number, energy in enumerate(
        (
            old["energy"],
            describe_energy(more, board, "dwt", expected_cycles=1),
            {**old["energy"], "volts": 1.8},
            {**old["energy"], "source": "ppk2"},
            {**old["energy"]["estimate"]},
        )
    ):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps({"schema": 1, "energy": energy}))
    same = fwgen("compare", paths[0], paths[0])
    assert same.returncode == 0 and "uj" in same.stdout, same.stderr
    worse = fwgen("compare", paths[0], paths[1])
    assert worse.returncode == 1 and "1.1" in worse.stdout
    for other in paths[2:]:
        done = fwgen("compare", paths[0], other)
        assert done.returncode == 2 and "not the same thing" in done.stderr, done.stderr
