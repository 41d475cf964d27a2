"""OpenOCD itself on a serial wire before models of chips and their flash controllers."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fwgen.board import board_names, load_board
from fwgen.device.flash import FlashWish, flash_image
from fwgen.device.flash.flash_faults import (
    FlashDiffers,
    LockedChip,
    NoProbe,
    ProbeLost,
    SeveralProbes,
    WrongChip,
)
from fwgen.device.flash.flasher import FlashProbe
from fwgen.device.flash.openocd import FLASHER, TOOL, OpenocdAccess
from fwgen.device.serial.ports import ListedPort
from fwgen.errors import DeviceUnavailable
from tests.device.flash.boards import chip_section, with_section
from tests.device.flash.chip_models import (
    BOARDS,
    OF_NO_BOARD,
    board_with,
    image_for,
    lives,
    wired,
)
from tests.device.flash.nrf_flash import Nrf52840
from tests.device.flash.stm32_flash import Stm32L4R5
from tests.device.flash.unicorn_chip import UnicornChip

BOARD = board_with(Stm32L4R5)
SLOW = pytest.mark.nightly
"""What differs only in the model, not in what fwgen or the tool do."""


@pytest.fixture(autouse=True)
def _openocd_of_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that the extra ``dev`` brings: Debian's has no serial wire for ``remote_bitbang``."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "openocd").symlink_to(Path(sys.executable).parent / "openocd-esp32")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)


@pytest.fixture(name="image")
def image_fixture(tmp_path: Path) -> Path:
    return image_for(Stm32L4R5, tmp_path)


@pytest.mark.parametrize("kind", [*BOARDS, *OF_NO_BOARD], ids=lambda kind: kind.name)
def test_openocd_writes_compares_and_starts(kind: type[UnicornChip], tmp_path: Path) -> None:
    """By the driver for each chip, with what the board's file says."""
    with wired(kind, tmp_path) as (chip, server):
        image = image_for(kind, tmp_path)
        done = flash_image(board_with(kind), image, FlashWish("openocd", str(server.config)))
        assert done.compared and done.chip == kind.name
        assert chip.erased_pages == -(-done.bytes // kind.page_bytes)
        assert lives(chip)


@pytest.mark.parametrize(
    "kind",
    [Stm32L4R5, *(pytest.param(kind, marks=SLOW) for kind in BOARDS if kind != Stm32L4R5)],
    ids=lambda kind: kind.name,
)
def test_a_bit_that_the_flash_does_not_take_is_found(
    kind: type[UnicornChip], tmp_path: Path
) -> None:
    flips = []

    def change(address: int, word: int) -> int:
        if address >= kind.flash.start + 0x800 and not flips:
            flips.append(address)
            return word ^ 4
        return word

    with (
        wired(kind, tmp_path, change) as (_, server),
        pytest.raises(FlashDiffers, match="1 of") as error,
    ):
        image = image_for(kind, tmp_path)
        flash_image(board_with(kind), image, FlashWish("openocd", str(server.config)))
    assert error.value.address == flips[0]


@pytest.mark.parametrize(
    "kind",
    [
        Stm32L4R5,
        Nrf52840,
        *(pytest.param(k, marks=SLOW) for k in BOARDS if k not in (Stm32L4R5, Nrf52840)),
    ],
    ids=lambda kind: kind.name,
)
def test_a_locked_chip_stays_locked(kind: type[UnicornChip], tmp_path: Path) -> None:
    with wired(kind, tmp_path) as (chip, server):
        chip.lock()
        with pytest.raises(LockedChip):
            flash_image(
                board_with(kind),
                image_for(kind, tmp_path),
                FlashWish("openocd", str(server.config)),
            )
        assert not chip.erased_pages


def test_a_lock_that_only_openocd_knows_of(image: Path, tmp_path: Path) -> None:
    """Where the board's file does not say which register tells."""
    sections = {name: each for name, each in BOARD.sections.items() if name != "chip"}
    with wired(Stm32L4R5, tmp_path) as (chip, server):
        chip.lock()
        with pytest.raises(LockedChip, match="locked against debuggers"):
            flash_image(
                replace(BOARD, sections=sections),
                image,
                FlashWish("openocd", str(server.config)),
            )
        assert not chip.erased_pages


def test_another_chip(image: Path, tmp_path: Path) -> None:
    other = chip_section(BOARD, "STM32U575", 0xE004_2000, 0x482, 0xFFF)
    with (
        wired(Stm32L4R5, tmp_path) as (chip, server),
        pytest.raises(WrongChip, match=r"no STM32U575: .* 0x470, expected 0x482"),
    ):
        flash_image(other, image, FlashWish("openocd", str(server.config)))
    assert not chip.erased_pages


@pytest.mark.parametrize("when", ["erased", "written"])
def test_a_plug_that_is_pulled_is_told(when: str, image: Path, tmp_path: Path) -> None:
    with wired(Stm32L4R5, tmp_path) as (chip, server):
        if when == "erased":
            server.pulled = lambda: chip.erased_pages > 0
        else:
            server.pulled = lambda: chip.burnt_words > 100
        with pytest.raises(ProbeLost, match="went away in the middle"):
            flash_image(BOARD, image, FlashWish("openocd", str(server.config)))


@pytest.mark.parametrize("name", [n for n in board_names() if FLASHER.suits(load_board(n))])
def test_openocd_takes_the_files_of_each_board(name: str, tmp_path: Path) -> None:
    """Up to where it would open the probe."""
    access = FLASHER.open(load_board(name), FlashProbe("0123"))
    assert isinstance(access, OpenocdAccess)
    TOOL.run((*access.args, "-c", "shutdown"), tmp_path, 20)


def test_names_that_versions_of_openocd_changed(image: Path) -> None:
    """The first that is there is taken; a sentence says that none is, before a probe is opened."""
    renamed = with_section(BOARD, "openocd", config=[["target/none.cfg", "target/stm32l4x.cfg"]])
    access = FLASHER.open(renamed, FlashProbe(""))
    assert isinstance(access, OpenocdAccess)
    assert access.args[-2:] == ("-f", "target/stm32l4x.cfg")
    lacking = with_section(BOARD, "openocd", config=[["target/none.cfg", "target/a/none.cfg"]])
    with pytest.raises(DeviceUnavailable, match=r"no file target/none\.cfg or target/a/none\.cfg"):
        flash_image(lacking, image, FlashWish("openocd", "0123"))
    own = ["interface/none.cfg", "target/stm32l4x.cfg"]
    without_interface = with_section(BOARD, "openocd", config=own)
    assert FLASHER.missing(without_interface) is None
    with pytest.raises(DeviceUnavailable, match=r"no file interface/none\.cfg"):
        FLASHER.open(without_interface, FlashProbe("0123"))


@pytest.mark.parametrize("board", ["nucleo-l4r5zi", "nrf52840dk", "microbit"])
def test_no_probe(board: str, tmp_path: Path) -> None:
    """With OpenOCD's drivers for ST-LINK, J-Link and CMSIS-DAP, and none of these."""
    image = image_for(Stm32L4R5 if board.startswith("nucleo") else Nrf52840, tmp_path)
    with pytest.raises(NoProbe):
        flash_image(load_board(board), image, FlashWish("openocd"))


def test_a_probe_that_is_gone_and_a_file_that_is_none(image: Path, tmp_path: Path) -> None:
    with wired(Stm32L4R5, tmp_path) as (_, server):
        pass
    with pytest.raises(NoProbe):
        flash_image(BOARD, image, FlashWish("openocd", str(server.config)))
    with pytest.raises(NoProbe, match="no such file"):
        flash_image(BOARD, image, FlashWish("openocd", str(tmp_path / "none.cfg")))


def test_two_probes(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that OpenOCD would take any, as it says nothing of others."""
    ports = tuple(ListedPort(f"/dev/ttyACM{n}", 0x0483, 0x374B, f"066B{n}") for n in range(2))
    monkeypatch.setattr("fwgen.device.flash.openocd.list_ports", lambda: ports)
    with pytest.raises(SeveralProbes, match="2 probes") as error:
        flash_image(BOARD, image, FlashWish("openocd"))
    assert error.value.tries == ("--probe 066B0", "--probe 066B1")
