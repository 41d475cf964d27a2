"""An INA228 from end to end: a model of it on the I2C bus of a board that QEMU emulates."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fwgen.board import load_board, parse_board
from fwgen.cli import main
from fwgen.device.energy.ina228 import SECTION, Ina228
from fwgen.errors import UsageError
from fwgen.host.resources import boards_dir, templates_dir
from tests.board.test_board import document
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.stand_in_board import plugged_in

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))
MODEL = Path(__file__).parent / "ina228_model"
WATTS = 0.021
CHIP = {"address": 0x45, "shunt_ohms": 1.0, "most_amperes": 0.1}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in which owners of ports are noted."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def board_with(chip: dict[str, Any], folder: Path, fault: str) -> Path:
    """The file of a board with the chip, and its platform beside it."""
    platform = folder / "with_ina228"
    platform.mkdir(parents=True)
    shutil.copy(templates_dir() / "platform" / "mps2" / "counter.c", platform)
    text = (MODEL / "i2c.c").read_text()
    (platform / "i2c.c").write_text(f"#define FAULT {fault}\n{text}")
    content = tomllib.loads((boards_dir() / "mps2-an386.toml").read_text())
    content |= {"name": "metered", "platform": "with_ina228", "ina228": chip}
    content["shares"] = [*content["shares"], "ina228"]
    (folder / "metered.toml").write_text(document(content))
    return folder / "metered.toml"


def ran(
    fwgen: Fwgen, folder: Path, fault: str, chip: dict[str, Any] = CHIP
) -> tuple[int, str, Any]:
    """How a run ended, what was said, and its result."""
    file = board_with(chip, folder, fault)
    assert main(["build", DIGITS, "-b", str(file), "-q", "-o", str(folder / "built")]) == 0
    image = folder / "built" / "build" / "firmware.elf"
    with plugged_in(str(file), image, "-icount", "shift=8") as port:
        words = ("--port", port, "--energy", "ina228", "--json", folder / "r.json", "-q")
        done = fwgen("run", folder / "built", *words)
    return done.returncode, done.stdout + done.stderr, json.loads((folder / "r.json").read_text())


@pytest.mark.parametrize("most_amperes", [0.1, 0.0333])
def test_a_known_power_is_measured_within_half_a_percent(
    fwgen: Fwgen, tmp_path: Path, most_amperes: float
) -> None:
    """Whatever the calibration is rounded to."""
    chip = {**CHIP, "most_amperes": most_amperes}
    code, said, result = ran(fwgen, tmp_path, "NO_FAULT", chip)
    assert code == 0, said
    found = result["energy"]
    assert found["joules"] == pytest.approx(WATTS * found["seconds"], rel=0.005)
    assert found["total"] == pytest.approx(found["joules"] / found["inferences"] * 1e6, rel=1e-5)
    assert (found["unit"], found["source"], found["volts"]) == ("uj", "ina228", None)
    assert found["seconds"] >= 1 and found["range_a"] == [0.0, most_amperes]
    assert "uj per inference (source: ina228)" in said


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("NO_CHIP", "no INA228 answers"),
        ("OTHER_CHIP", "what answers is no INA228"),
        ("OVERFLOWED", "has counted too far"),
        ("GOES_AWAY", "does not answer any more"),
    ],
)
def test_a_chip_that_fails_is_told_and_gives_no_energy(
    fwgen: Fwgen, tmp_path: Path, fault: str, said: str
) -> None:
    code, text, result = ran(fwgen, tmp_path, fault)
    assert code == 7 and said in text, text
    assert "energy" not in result and "uj" not in text


def test_what_a_board_file_may_say() -> None:
    """The voltage of the shunt has a limit, and the chip its part of the platform."""
    source = (boards_dir() / "mps2-an386.toml").read_text()
    source = source.replace('"cmsdk_uart"]', '"cmsdk_uart", "ina228"]')

    def parsed(**changes: object) -> Ina228 | None:
        lines = "".join(f"{key} = {value}\n" for key, value in {**CHIP, **changes}.items())
        text = f"{source}\n[ina228]\n{lines}"
        return parse_board(text.encode(), "my.toml").section(SECTION)

    chip = parsed()
    assert chip is not None and chip.shunt_cal == 2500
    assert chip.joules == pytest.approx(1 / 102_400, rel=1e-9)
    for changes, said in (
        ({"most_amperes": 0.2}, "at most 0.16384 V"),
        ({"most_amperes": 0.0001, "shunt_ohms": 0.0001}, "too little for this shunt"),
        ({"address": 0x50}, "ina228.address"),
    ):
        with pytest.raises(UsageError) as told:
            parsed(**changes)  # type: ignore[arg-type]
        assert said in f"{told.value.what} {told.value.at}"
    source = source.replace(', "ina228"]', "]")
    with pytest.raises(UsageError) as told:
        parsed()
    assert 'shares needs "ina228"' in told.value.what


def test_wishes_that_cannot_be_are_refused(fwgen: Fwgen, tmp_path: Path) -> None:
    assert load_board("nucleo-l4r5zi").section(SECTION) is None
    built = tmp_path / "l4"
    assert main(["build", DIGITS, "-b", "nucleo-l4r5zi", "-q", "-o", str(built)]) == 0
    done = fwgen("run", built, "--port", "/dev/null", "--energy", "ina228")
    assert done.returncode == 2 and "tells of no INA228" in done.stderr, done.stderr
