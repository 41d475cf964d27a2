"""``fwgen run --energy``: an STM32F405 on QEMU is the board, and a stand-in the probe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fwgen.cli import main
from tests.conftest import Fwgen
from tests.device.energy.lpm01a_stand_in import BOARD_ID, Lpm01aStandIn
from tests.device.energy.metered_board import (
    DIGITS,
    PJ_PER_CYCLE,
    WATTS,
    metered_project,
    plugged_in_metered,
    seen_by,
)
from tests.device.energy.serial_tap import SerialTap


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in which owners of ports are noted."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project for a board with a trigger pin."""
    return metered_project(tmp_path_factory.mktemp("metered"))


@pytest.fixture(scope="module")
def board(project: Path) -> Iterator[str]:
    """Where the board is plugged in."""
    with plugged_in_metered(project) as path:
        yield path


@pytest.fixture
def probe() -> Iterator[Lpm01aStandIn]:
    with Lpm01aStandIn(lambda _: WATTS) as stand_in:
        yield stand_in


@pytest.fixture
def port(board: str, probe: Lpm01aStandIn) -> Iterator[str]:
    """The port of the board, whose edges the probe sees."""
    with seen_by(probe, board) as path:
        yield path


def energy_words(probe: Lpm01aStandIn) -> tuple[str, ...]:
    return ("--energy", f"lpm01a:{probe.port}", "--energy-volts", "3.3")


def test_the_energy_of_an_inference_is_told_beside_its_estimate(
    fwgen: Fwgen, project: Path, port: str, probe: Lpm01aStandIn, tmp_path: Path
) -> None:
    words = ("run", project, "--port", port, *energy_words(probe), "-q", "--json", tmp_path / "r")
    done = fwgen(*words)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads((tmp_path / "r").read_text())
    found = result["energy"]
    one_s = result["counters"]["total"] * 1e-6
    assert result["counters"]["unit"] == "microseconds"
    # An inference of the window is as long as the one that was counted, and a copy of its input.
    assert found["total"] == pytest.approx(WATTS * one_s * 1e6, rel=0.02)
    assert found["joules"] == pytest.approx(WATTS * found["seconds"], rel=0.001)
    assert found["total"] == pytest.approx(found["joules"] / found["inferences"] * 1e6, rel=1e-5)
    assert found["seconds"] >= 2 and (found["unit"], found["source"]) == ("uj", "lpm01a")
    assert (found["lost"], found["rate_hz"], found["volts"]) == (0.0, 1000.0, 3.3)
    assert found["range_a"] == [1e-7, 0.05] and BOARD_ID in found["probe"]
    estimate = found["estimate"]
    assert estimate["unit"] == "estimated_uj" and estimate["counter"] == "expected by the build"
    assert estimate["total"] == pytest.approx(
        result["expected_cycles"] * PJ_PER_CYCLE * 1e-6, rel=0.001
    )
    assert f"{found['total']:,} uj per inference (source: lpm01a" in done.stdout
    assert f"{estimate['total']:,} estimated_uj" in done.stdout
    assert not probe.powers, "what was switched on is switched off"


def test_lost_samples_are_an_error_and_no_energy(
    fwgen: Fwgen, project: Path, port: str, probe: Lpm01aStandIn, tmp_path: Path
) -> None:
    probe.dropped = frozenset(range(500, 1200))
    words = ("run", project, "--port", port, *energy_words(probe), "--json", tmp_path / "r")
    done = fwgen(*words)
    assert done.returncode == 7 and "700 of " in done.stderr and "lost or damaged" in done.stderr
    assert "uj" not in done.stdout and '"uj"' not in (tmp_path / "r").read_text()


def test_a_plug_that_is_pulled_in_the_window_is_told(
    fwgen: Fwgen, project: Path, board: str, probe: Lpm01aStandIn
) -> None:
    with SerialTap(board, lambda _: probe.unplug()) as tap:
        done = fwgen("run", project, "--port", tap.port, *energy_words(probe), "-q")
    assert done.returncode == 7 and "The energy probe is gone" in done.stderr, done.stderr
    assert "uj" not in done.stdout


def test_edges_that_the_probe_does_not_see_are_told(
    fwgen: Fwgen, project: Path, board: str, probe: Lpm01aStandIn
) -> None:
    with SerialTap(board, lambda _: None) as tap:
        done = fwgen("run", project, "--port", tap.port, *energy_words(probe), "-q")
    assert done.returncode == 7 and "No edges came at pin D7" in done.stderr, done.stderr


def test_a_simulator_calibrates_no_board(
    fwgen: Fwgen, project: Path, port: str, probe: Lpm01aStandIn
) -> None:
    """The chip counts cycles, what runs in its place does not."""
    done = fwgen("run", project, "--port", port, *energy_words(probe), "--calibrate-energy", "-q")
    assert done.returncode == 2 and "counts no cycles" in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--energy", "lpm1a"), 2, "no energy probe 'lpm1a'"),
        (("--energy", "lpm01a", "--runner", "qemu"), 2, "takes no energy that could be"),
        (("--energy-volts", "3"), 2, "--energy-volts says nothing without a probe"),
        (("--calibrate-energy",), 2, "--calibrate-energy says nothing without a probe"),
        (("--energy", "lpm01a", "--energy-volts", "230"), 2, "a voltage of 0.5 to 12 V"),
        (("--energy", "lpm01a:/dev/nowhere"), 6, "cannot be reached"),
    ],
)
def test_wishes_that_cannot_be_are_refused(
    fwgen: Fwgen, project: Path, board: str, words: tuple[str, ...], code: int, said: str
) -> None:
    at = () if "--runner" in words else ("--port", board)
    done = fwgen("run", project, *at, *words)
    assert done.returncode == code and said in done.stderr, done.stderr


def test_a_board_without_a_trigger_is_refused(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    built = tmp_path / "built"
    assert main(["build", DIGITS, "-b", "netduinoplus2", "-q", "-o", str(built)]) == 0
    done = fwgen("run", built, "--port", board, "--energy", "lpm01a")
    assert done.returncode == 2 and "no pin that tells the probe" in done.stderr
