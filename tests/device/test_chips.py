"""Boards that no simulator has: their start-up code sets up what the chip's maker says it must."""

from __future__ import annotations

import pytest
from elftools.elf.elffile import ELFFile

from fwgen.board import board_names, load_board
from tests.device.chips import CHIPS, ChipRun
from tests.device.firmware.build import build
from tests.device.firmware.device import READY, answer_lines

BOARDS = [name for name in board_names() if load_board(name).platform in CHIPS]
PICO = [name for name in BOARDS if load_board(name).platform == "rp2350"]


@pytest.mark.parametrize("name", BOARDS)
def test_firmware_comes_up_and_answers(name: str) -> None:
    """At the clock of the board file, over a line that its chip would have, too."""
    board = load_board(name)
    run = ChipRun(board, build(name))
    assert b"m-init-done" in run.until(READY)
    assert run.chip.core_hz() == board.clock_hz
    run.chip.waiting += b"name%"
    assert any(line.startswith("m-name-dut-[") for line in answer_lines(run.until(READY)))


@pytest.mark.parametrize("name", PICO)
def test_the_boot_rom_of_an_rp2350_finds_an_image(name: str) -> None:
    """The words for a secure image for Arm, as the boot ROM knows them, in the first 4 KiB."""
    with build(name).open("rb") as file:
        vectors = ELFFile(file).get_section_by_name(".vectors")
        begin, data = vectors["sh_addr"], vectors.data()
    words = [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
    block = [0xFFFF_DED3, 0x1021_0142, 0x0000_01FF, 0x0000_0000, 0xAB12_3579]
    at = words.index(block[0])
    assert words[at : at + 5] == block and 4 * at + 20 <= 4096
    assert begin == load_board(name).region("vectors").origin
    assert words[1] & 1, "the second vector is where the core begins"
