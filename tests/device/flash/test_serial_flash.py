"""Boards at a serial port that hold another build: run writes the image first, and only then."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fwgen.board import load_board
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

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


def test_an_empty_board_is_written_once(fwgen: Fwgen, tmp_path: Path) -> None:
    """The first run writes; the second finds its build there, and leaves the probe alone."""
    project = tmp_path / "digits"
    assert fwgen("build", DIGITS, "-b", "mps2-an386", "-o", project, "-q").returncode == 0
    probed = []

    def change(data: bytes) -> bytes:
        probed.append(data)
        return data

    with QemuBoard("mps2-an386", free_line=True) as board, Wire(board.port, change) as wire:
        for flashed in (True, False):
            probed.clear()
            done = fwgen(
                *("run", project, "--port", board.url, "--flasher", "gdb", "--probe", wire.place),
                *("--boot-timeout", 3, "-q", "--json", tmp_path / "result.json"),
            )
            assert done.returncode == 0, done.stderr
            assert json.loads((tmp_path / "result.json").read_text())["runner"] == "serial"
            assert bool(probed) == flashed


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
