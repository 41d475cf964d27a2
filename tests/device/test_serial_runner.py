"""The runner ``serial`` from end to end: QEMU at a pseudo terminal stands in for a board."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from fwgen.cli import main
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.stand_in_board import plugged_in

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))


@pytest.fixture(scope="module", params=["mps2-an386", "corstone-300"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose image is built."""
    folder = tmp_path_factory.mktemp("built") / str(request.param)
    assert main(["build", DIGITS, "-b", request.param, "-q", "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def port(project: Path) -> Iterator[str]:
    """Where the project's board is plugged in."""
    with plugged_in(project.name, project / "build" / "firmware.elf") as path:
        yield path


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which owners of ports are noted."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def ran(fwgen: Fwgen, tmp_path: Path, *words: object) -> dict[str, object]:
    done = fwgen(*words, "-q", "--json", tmp_path / "result.json")
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads((tmp_path / "result.json").read_text())
    return result


def test_a_board_computes_what_its_simulator_does(
    fwgen: Fwgen, project: Path, port: str, tmp_path: Path
) -> None:
    """One command after the other: the firmware runs on in between."""
    there = ran(fwgen, tmp_path, "run", project, "--port", port)
    here = ran(fwgen, tmp_path, "run", project)
    assert there["runner"] == "serial" and here["runner"] == "qemu"
    for key in ("outputs", "build_id", "ops"):
        assert there[key] == here[key]
    counters = there["counters"]
    assert isinstance(counters, dict) and counters["unit"] == "microseconds"
    assert counters["total"] > 0 and len(counters["ops"]) == len(here["ops"])  # type: ignore[arg-type]
    done = fwgen("verify", project, "--runner", "serial", "--port", port, "--inputs", "3", "-q")
    assert done.returncode == 0 and "serial" in done.stdout, done.stderr


def test_a_stale_image_is_refused(fwgen: Fwgen, project: Path, port: str, tmp_path: Path) -> None:
    other = tmp_path / "other"
    options = ("-b", project.name, "--canaries", "-q", "-o", other)
    assert fwgen("build", DIGITS, *options).returncode == 0
    done = fwgen("verify", other, "--port", port)
    assert done.returncode == 7 and "The device runs build" in done.stderr
    assert "flash it: fwgen flash" in done.stderr


def test_a_port_that_is_not_there_is_told(fwgen: Fwgen, project: Path, tmp_path: Path) -> None:
    done = fwgen("run", project, "--port", tmp_path / "ttyACM7")
    assert done.returncode == 6 and "There is no such port" in done.stderr
    (tmp_path / "file").write_text("x")
    done = fwgen("run", project, "--port", tmp_path / "file")
    assert done.returncode == 6 and "could not be opened" in done.stderr


def test_speeds_that_are_none_are_refused(fwgen: Fwgen, project: Path, port: str) -> None:
    for baud in ("0", "fast", "-9600", "99999999999999999999"):
        done = fwgen("run", project, "--port", port, f"--baud={baud}")
        assert done.returncode == 2 and "baud" in done.stderr
