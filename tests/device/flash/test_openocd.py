"""OpenOCD itself on a serial wire before a model of an STM32L4R5 and its flash controller."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fwgen.board import Board, Region, board_names, load_board
from fwgen.device.flash import FlashWish, flash_image
from fwgen.device.flash.flash_faults import FlashDiffers, LockedChip, NoProbe, WrongChip
from fwgen.device.flash.flasher import FlashProbe
from fwgen.device.flash.openocd import FLASHER, TOOL, OpenocdAccess
from fwgen.errors import DeviceUnavailable
from tests.device.flash.boards import chip_section, with_section
from tests.device.flash.debug_port import M4, DebuggedCore, DebugPort
from tests.device.flash.stm32l4r5 import FLASH, FLASH_BYTES, IDCODE, OPTR, Stm32L4R5
from tests.device.flash.swd_wire import BitbangServer

REGIONS = (Region("FLASH", "rom", FLASH, FLASH_BYTES), Region("RAM", "ram", 0x2000_0000, 0xA_0000))
PLAIN = replace(load_board("mps2-an386"), name="stm32l4r5", regions=REGIONS)
CONFIG = ["interface/stlink.cfg", "target/stm32l4x.cfg"]
BOARD = chip_section(
    with_section(PLAIN, "openocd", config=CONFIG), "STM32L4R5", 0xE004_2000, 0x470, 0xFFF
)
ALIVE = 0x2000_0100

SOURCE = """
    .syntax unified
    .cpu cortex-m4
    .thumb
    .section .text
    .global start
    .word 0x200A0000, start + 1
start:
    ldr r0, =0x20000100
    ldr r1, =0x600DF1A5
    str r1, [r0]
    b .
    .ltorg
    .incbin "noise.bin"
"""


@pytest.fixture(autouse=True)
def _openocd_of_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that the extra ``dev`` brings: Debian's has no serial wire for ``remote_bitbang``."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "openocd").symlink_to(Path(sys.executable).parent / "openocd-esp32")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)


@pytest.fixture(name="image")
def image_fixture(tmp_path: Path) -> Path:
    """A bit more than a page; it writes a word into RAM when it runs."""
    (tmp_path / "noise.bin").write_bytes(random.Random(5).randbytes(4200))
    (tmp_path / "image.s").write_text(SOURCE)
    subprocess.run(
        [
            *("arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-Wl,-estart"),
            *(f"-Wl,-Ttext={FLASH:#x}", "image.s", "-o", "image.elf"),
        ],
        cwd=tmp_path,
        check=True,
        timeout=60,
    )
    return tmp_path / "image.elf"


@contextmanager
def wired(
    folder: Path, change: Callable[[int, int], int] = lambda address, word: word
) -> Iterator[tuple[Stm32L4R5, str]]:
    chip = Stm32L4R5(change)
    core = DebuggedCore(chip, M4, overlay=dict(IDCODE), lockup=True)
    with BitbangServer(DebugPort(core), folder) as server:
        yield chip, str(server.config)


def test_openocd_writes_compares_and_starts(image: Path, tmp_path: Path) -> None:
    with wired(tmp_path) as (chip, probe):
        done = flash_image(BOARD, image, FlashWish("openocd", probe))
        assert done.compared and done.chip == "STM32L4R5"
        assert chip.erased_pages == 2
        for _ in range(3):
            chip.poll()
        assert chip.read(ALIVE, 4) == (0x600D_F1A5).to_bytes(4, "little")


def test_a_bit_that_the_flash_does_not_take_is_found(image: Path, tmp_path: Path) -> None:
    flips = []

    def change(address: int, word: int) -> int:
        if address >= FLASH + 0x800 and not flips:
            flips.append(address)
            return word ^ 4
        return word

    with wired(tmp_path, change) as (_, probe), pytest.raises(FlashDiffers, match="1 of") as error:
        flash_image(BOARD, image, FlashWish("openocd", probe))
    assert error.value.address == flips[0]


def test_another_chip_and_a_locked_one(image: Path, tmp_path: Path) -> None:
    other = chip_section(BOARD, "STM32U575", 0xE004_2000, 0x482, 0xFFF)
    with wired(tmp_path) as (chip, probe):
        with pytest.raises(WrongChip, match=r"no STM32U575: .* 0x470, expected 0x482"):
            flash_image(other, image, FlashWish("openocd", probe))
        chip.options[OPTR] = chip.options[OPTR] & ~0xFF | 0xBB  # RDP level 1
        with pytest.raises(LockedChip):
            flash_image(BOARD, image, FlashWish("openocd", probe))
        assert not chip.erased_pages


@pytest.mark.parametrize(
    "board",
    [board for board in map(load_board, board_names()) if FLASHER.suits(board)],
    ids=lambda board: board.name,
)
def test_openocd_takes_the_files_of_each_board(board: Board, tmp_path: Path) -> None:
    """Up to where it would open the probe."""
    access = FLASHER.open(board, FlashProbe("0123"))
    assert isinstance(access, OpenocdAccess)
    TOOL.run((*access.args, "-c", "shutdown"), tmp_path, 20)


def test_names_that_versions_of_openocd_changed(image: Path, tmp_path: Path) -> None:
    """The first that is there is taken; a sentence says that none is, before a probe is opened."""
    interface, target = CONFIG
    renamed = with_section(PLAIN, "openocd", config=[interface, ["target/none.cfg", target]])
    with wired(tmp_path) as (_, probe):
        assert flash_image(renamed, image, FlashWish("openocd", probe)).compared
    names = ["target/none.cfg", "target/a/none.cfg"]
    lacking = with_section(PLAIN, "openocd", config=[interface, names])
    with pytest.raises(DeviceUnavailable, match=r"no file target/none\.cfg or target/a/none\.cfg"):
        flash_image(lacking, image, FlashWish("openocd", probe))
    without_interface = with_section(PLAIN, "openocd", config=["interface/none.cfg", target])
    assert FLASHER.missing(without_interface) is None
    with pytest.raises(DeviceUnavailable, match=r"no file interface/none\.cfg"):
        FLASHER.open(without_interface, FlashProbe("0123"))


def test_no_probe(image: Path, tmp_path: Path) -> None:
    with wired(tmp_path) as (_, probe):
        pass
    with pytest.raises(NoProbe):
        flash_image(BOARD, image, FlashWish("openocd", probe))
    with pytest.raises(NoProbe, match="no such file"):
        flash_image(BOARD, image, FlashWish("openocd", str(tmp_path / "none.cfg")))
    with pytest.raises(NoProbe):  # with OpenOCD's driver for ST-LINK, and no ST-LINK
        flash_image(BOARD, image, FlashWish("openocd"))
    assert TOOL.missing() is None
