"""Which flasher is taken for a board and a probe, and what is told where none is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwgen.board import Board, board_names, load_board
from fwgen.device.flash import FLASHERS, FlashWish, find_flasher, flash_image, mass_storage
from fwgen.device.flash.flash_faults import NoProbe
from fwgen.device.flash.tool_run import FlashTool
from fwgen.errors import DeviceUnavailable, UsageError
from tests.device.flash.boards import with_section
from tests.device.flash.chip_models import image_for
from tests.device.flash.nrf_flash import Nrf52840
from tests.device.flash.stm32_flash import Stm32L4R5

NUCLEO = load_board("nucleo-l4r5zi")
ALL = with_section(with_section(NUCLEO, "uf2", family=1), "pyocd", target="stm32l4r5zitx")
"""A board that each flasher suits."""


@pytest.fixture(name="bare")
def bare_fixture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no tool is installed."""
    monkeypatch.setattr(FlashTool, "find", lambda self: None)


def test_the_board_is_one_for_all() -> None:
    assert all(flasher.suits(ALL) for flasher in FLASHERS.values())


def test_what_a_probe_is_called_says_whose_it_is(tmp_path: Path) -> None:
    for name, file in (("uf2", "INFO_UF2.TXT"), ("drive", mass_storage.INFO)):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).touch()
        assert find_flasher(ALL, None, str(tmp_path / name)).name == name
    # a folder that is no drive yet: what is wrong with it is what the drive's flasher says
    assert find_flasher(NUCLEO, None, str(tmp_path)).name == "drive"
    assert find_flasher(NUCLEO, None, "/media/nothing").name == "drive"
    names = {
        "066BFF313335": "pyocd",
        "remote:127.0.0.1:5555": "pyocd",
        "my-probe.cfg": "openocd",
        "localhost:3333": "gdb",
        "[::1]:3333": "gdb",
    }
    assert {name: find_flasher(ALL, None, name).name for name in names} == names


def test_a_tool_that_is_missing_is_named_with_what_gets_it(bare: None) -> None:
    """Not the next flasher, which would look for something else of that name."""
    with pytest.raises(DeviceUnavailable, match="OpenOCD is not installed"):
        find_flasher(NUCLEO, None, "066BFF313335")


def test_what_could_write_the_board_is_told_where_nothing_is_found(
    bare: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(mass_storage, "drives_with", lambda name: ())
    for board, chip in ((NUCLEO, Stm32L4R5), (load_board("microbit"), Nrf52840)):
        tools = [name for name in ("pyocd", "openocd") if FLASHERS[name].suits(board)]
        with pytest.raises(NoProbe, match=f"Not installed: {', '.join(tools)}") as error:
            flash_image(board, image_for(chip, tmp_path), FlashWish())
        told = " ".join(error.value.tries)
        assert all(f"--flasher {name}, after: " in told for name in tools)
        assert "install" in told and "--flasher gdb" in told


@pytest.mark.parametrize("name", board_names())
def test_each_board_with_firmware_has_a_flasher(name: str) -> None:
    board = load_board(name)
    if board.native:
        with pytest.raises(UsageError, match="does not suit host"):
            find_flasher(board, "gdb")
    else:
        assert find_flasher(board, "gdb").suits(board)


def boards_of(flasher: str) -> list[Board]:
    return [board for board in map(load_board, board_names()) if FLASHERS[flasher].suits(board)]


def test_tools_and_drives_have_boards() -> None:
    assert all(boards_of(name) for name in FLASHERS)
