"""The flasher of GDB servers on OpenOCD's own, before models of chips behind a serial wire."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fwgen.device.flash import FlashWish, flash_image
from fwgen.device.flash.flash_faults import FlashDiffers, LockedChip, ProbeLost, WrongChip
from tests.device.flash.boards import chip_section
from tests.device.flash.chip_models import board_with, image_for, lives, wired
from tests.device.flash.nrf_flash import Nrf52840
from tests.device.flash.stm32_flash import Stm32L4R5
from tests.device.flash.swd_wire import BitbangServer
from tests.device.flash.tool_server import free_port, openocd_server, serving
from tests.device.flash.unicorn_chip import Change, UnicornChip

BOARD = board_with(Stm32L4R5)


@contextmanager
def served(
    kind: type[UnicornChip], folder: Path, change: Change = lambda address, word: word
) -> Iterator[tuple[UnicornChip, BitbangServer, FlashWish]]:
    port = free_port()
    with (
        wired(kind, folder, change) as (chip, wire),
        serving(openocd_server(wire, kind.openocd[0], port), port, folder) as place,
    ):
        yield chip, wire, FlashWish("gdb", place)


@pytest.mark.parametrize("kind", [Stm32L4R5, Nrf52840], ids=lambda kind: kind.name)
def test_the_flash_that_openocds_gdb_server_describes(
    kind: type[UnicornChip], tmp_path: Path
) -> None:
    """Erased and written by the commands for flash: memory of this kind takes no others."""
    with served(kind, tmp_path) as (chip, _, wish):
        done = flash_image(board_with(kind), image_for(kind, tmp_path), wish)
        assert done.compared and done.chip == kind.name
        assert chip.erased_pages == -(-done.bytes // kind.page_bytes)
        assert lives(chip)


def test_a_bit_that_the_flash_does_not_take_is_found(tmp_path: Path) -> None:
    flips = []

    def change(address: int, word: int) -> int:
        if address >= Stm32L4R5.flash.start + 0x800 and not flips:
            flips.append(address)
            return word ^ 4
        return word

    with (
        served(Stm32L4R5, tmp_path, change) as (_, _, wish),
        pytest.raises(FlashDiffers, match="1 of") as error,
    ):
        flash_image(BOARD, image_for(Stm32L4R5, tmp_path), wish)
    assert error.value.address == flips[0]


def test_another_chip_and_a_locked_one(tmp_path: Path) -> None:
    image = image_for(Stm32L4R5, tmp_path)
    other = chip_section(BOARD, "STM32U575", 0xE004_2000, 0x482, 0xFFF)
    with served(Stm32L4R5, tmp_path) as (chip, _, wish):
        with pytest.raises(WrongChip, match=r"no STM32U575: .* 0x470, expected 0x482"):
            flash_image(other, image, wish)
        chip.lock()
        with pytest.raises(LockedChip, match="reads 0xbb, expected 0xaa"):
            flash_image(BOARD, image, wish)
        assert not chip.erased_pages


def test_a_server_that_has_a_client_is_asked_again(tmp_path: Path) -> None:
    """It closes the connection of a second one, until the first has gone."""
    with served(Stm32L4R5, tmp_path) as (_, _, wish):
        assert wish.probe is not None
        host, _, port = wish.probe.rpartition(":")
        first = socket.create_connection((host, int(port)))
        leave = threading.Timer(1, first.close)
        leave.start()
        try:
            assert flash_image(BOARD, image_for(Stm32L4R5, tmp_path), wish).compared
        finally:
            leave.join()


def test_a_plug_that_is_pulled_is_told(tmp_path: Path) -> None:
    """That of the probe, of which only the server knows."""
    with served(Stm32L4R5, tmp_path) as (chip, wire, wish):
        wire.pulled = lambda: chip.burnt_words > 100
        with pytest.raises(ProbeLost, match=r"out of the server's reach: .* refused vFlash"):
            flash_image(BOARD, image_for(Stm32L4R5, tmp_path), wish)
