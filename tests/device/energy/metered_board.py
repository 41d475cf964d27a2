"""A board whose energy a stand-in measures: QEMU's STM32F405, with a trigger pin and a tap."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fwgen.board.file import boards_dir
from fwgen.cli import main
from tests.conftest import OWN_MODELS
from tests.device.energy.lpm01a_stand_in import Lpm01aStandIn
from tests.device.energy.serial_tap import SerialTap
from tests.device.stand_in_board import plugged_in

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))
WATTS = 0.021
PJ_PER_CYCLE = 146.0
_SECTION = f"\n[energy]\npj_per_cycle = {PJ_PER_CYCLE}\ncalibrated = true\nsource = 'a guess'\n"


def metered_project(folder: Path) -> Path:
    """A project for a Netduino Plus 2 with a trigger pin, which QEMU writes to in vain."""
    board = (boards_dir() / "netduinoplus2.toml").read_text()
    named = board.replace('name = "netduinoplus2"', 'name = "metered"\ntrigger = "PA8"', 1)
    file = folder / "metered.toml"
    file.write_text(named + _SECTION)
    assert main(["build", DIGITS, "-b", str(file), "-q", "-o", str(folder / "built")]) == 0
    return folder / "built"


@contextmanager
def plugged_in_metered(project: Path) -> Iterator[str]:
    """The board; yields its serial port."""
    file, image = project.parent / "metered.toml", project / "build" / "firmware.elf"
    with plugged_in(str(file), image, "-icount", "shift=8") as port:
        yield port


@contextmanager
def seen_by(probe: Lpm01aStandIn, port: str) -> Iterator[str]:
    """The serial port of a board of which the probe sees the edges, when the firmware tells that
    they were."""

    def seen(seconds: float) -> None:
        probe.pass_time(0.1)
        probe.edge()
        probe.pass_time(seconds)
        probe.edge()
        probe.pass_time(1.0)

    with SerialTap(port, seen) as tap:
        yield tap.port


@contextmanager
def metered_board(project: Path, probe: Lpm01aStandIn) -> Iterator[str]:
    """Both; yields the port for the host."""
    with plugged_in_metered(project) as board, seen_by(probe, board) as port:
        yield port
