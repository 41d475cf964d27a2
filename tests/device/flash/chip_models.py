"""The chips that are modelled, each with the board of fwgen's that has it, and an image for it."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fwgen.board import Board, load_board
from tests.device.flash.boards import chip_section, with_section
from tests.device.flash.nrf_flash import Nrf5340, Nrf52840
from tests.device.flash.stm32_flash import Stm32H7A3, Stm32H743, Stm32L4R5, Stm32U575
from tests.device.flash.swd_wire import BitbangServer
from tests.device.flash.unicorn_chip import Change, UnicornChip

BOARDS: dict[type[UnicornChip], str] = {
    Stm32L4R5: "nucleo-l4r5zi",
    Stm32U575: "nucleo-u575zi-q",
    Stm32H7A3: "nucleo-h7a3zi-q",
    Nrf52840: "nrf52840dk",
    Nrf5340: "nrf5340dk",
}
OF_NO_BOARD = {Stm32H743: "nucleo-h7a3zi-q"}
"""By the board that is most like one with it."""

ALIVE, WORD = 0x2000_0100, 0x600D_F1A5
"""Where the image writes what when it runs."""

SOURCE = f"""
    .syntax unified
    .cpu cortex-m4
    .thumb
    .section .text
    .global start
    .word 0x20008000, start + 1
start:
    ldr r0, ={ALIVE:#x}
    ldr r1, ={WORD:#x}
    str r1, [r0]
    b .
    .ltorg
    .incbin "noise.bin"
"""


def board_with(chip: type[UnicornChip]) -> Board:
    """The board of fwgen's with a chip."""
    if chip in BOARDS:
        return load_board(BOARDS[chip])
    like = load_board(OF_NO_BOARD[chip])
    config = [["interface/stlink.cfg"], [*chip.openocd]]
    return chip_section(with_section(like, "openocd", config=config), chip.name, *chip.chip)


def image_for(chip: type[UnicornChip], folder: Path) -> Path:
    """A bit more than 4 KB at the beginning of the flash."""
    (folder / "noise.bin").write_bytes(random.Random(5).randbytes(4200))
    (folder / "image.s").write_text(SOURCE)
    subprocess.run(
        [
            *("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-Wl,-estart"),
            *(f"-Wl,-Ttext={chip.flash.start:#x}", "image.s", "-o", "image.elf"),
        ],
        cwd=folder,
        check=True,
        timeout=60,
    )
    return folder / "image.elf"


def lives(chip: UnicornChip) -> bool:
    """Whether the image runs now."""
    for _ in range(3):
        chip.poll()
    return chip.read(ALIVE, 4) == WORD.to_bytes(4, "little")


@contextmanager
def wired(
    kind: type[UnicornChip], folder: Path, change: Change = lambda address, word: word
) -> Iterator[tuple[UnicornChip, BitbangServer]]:
    """A chip at a serial wire."""
    chip = kind(change)
    with BitbangServer(chip.port(), folder) as server:
        yield chip, server
