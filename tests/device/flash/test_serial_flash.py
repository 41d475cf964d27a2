"""Boards at a serial port that hold another build: run writes the image first, and only then."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.build.built_project import open_project
from fwgen.cli import main
from fwgen.device.flash import FlashWish
from fwgen.device.flash.flasher import FlashProbe
from fwgen.device.flash.pyocd import FLASHER as PYOCD
from fwgen.device.run import serial_flash
from fwgen.device.run.runner import Choice, Launch
from fwgen.device.serial.ports import ListedPort, find_place
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.flash.boards import with_section
from tests.device.flash.qemu_board import QemuBoard
from tests.device.flash.wire import Wire

BOARD = "mps2-an386"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


@pytest.fixture(name="projects", scope="module")
def projects_fixture(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two builds of one model."""
    folder = tmp_path_factory.mktemp("builds")
    for goal in ("size", "speed"):
        words = ["build", str(DIGITS), "-b", BOARD, "--optimize", goal, "-o", str(folder / goal)]
        assert main([*words, "-q"]) == 0
    return {goal: folder / goal for goal in ("size", "speed")}


def test_a_board_is_written_if_it_holds_another_build(
    fwgen: Fwgen, projects: dict[str, Path], tmp_path: Path
) -> None:
    """First none at all; what it holds already leaves the probe alone."""
    probed = []

    def change(data: bytes) -> bytes:
        probed.append(data)
        return data

    with QemuBoard(BOARD, free_line=True) as board, Wire(board.port, change) as wire:
        options = ("--port", board.url, "--probe", wire.place, "--boot-timeout", 3, "-q")
        for name, verb, flashed in (
            ("size", "run", True),
            ("size", "verify", False),
            ("speed", "verify", True),
            ("size", "run", True),
        ):
            probed.clear()
            result = tmp_path / "result.json"
            done = fwgen(verb, projects[name], *options, "--json", result)
            assert done.returncode == 0, done.stderr
            assert json.loads(result.read_text())["runner"] == "serial"
            assert bool(probed) == flashed


def test_a_board_that_may_not_be_written_is_refused(
    fwgen: Fwgen, projects: dict[str, Path]
) -> None:
    """Where nothing says which probe is the board's."""
    with QemuBoard(BOARD, free_line=True) as board:
        wish = ("--flasher", "gdb", "--probe", board.place)
        assert fwgen("flash", projects["size"], *wish, "-q").returncode == 0
        done = fwgen("verify", projects["speed"], "--port", board.url, "-q")
    assert done.returncode == 7 and "flash it: fwgen flash PROJECT" in done.stderr
    assert all(open_project(each).build_id in done.stderr for each in projects.values())


@pytest.mark.parametrize(
    ("options", "url", "wish"),
    [
        ({}, "/dev/ttyACM0", FlashWish("pyocd", "066B")),
        ({}, "/dev/ttyACM1", None),
        ({}, "socket://bench:4000", None),
        ({"--probe": "X"}, "socket://bench:4000", FlashWish(None, "X")),
        ({"--flasher": "gdb"}, "/dev/ttyACM0", FlashWish("gdb", None)),
    ],
)
def test_without_a_word_only_the_probe_that_is_the_port_writes(
    options: dict[str, str], url: str, wish: FlashWish | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other could be at another board."""
    ports = (ListedPort("/dev/ttyACM0", 1, 2, "066B"), ListedPort("/dev/ttyACM1", 1, 2, "077C"))
    listed: Callable[[], tuple[ListedPort, ...]] = lambda: ports  # noqa: E731
    monkeypatch.setattr(serial_flash, "list_ports", listed)
    probes = (FlashProbe("055A"), FlashProbe("066B"))
    monkeypatch.setattr(type(PYOCD), "probes", lambda self, board: probes)
    board = with_section(load_board("mps2-an386"), "pyocd", target="nrf51")
    launch = Launch(board, Path("firmware.elf"), Choice(None, options))
    assert serial_flash.wish_of(launch, find_place(url, ports)) == wish
