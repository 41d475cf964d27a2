"""pyOCD itself on a debug port before QEMU's nRF51: erased, written by its loader, and running."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fwgen.board import Board, load_board
from fwgen.device.flash import FlashWish, find_flasher, flash_image, pyocd
from fwgen.device.flash.flash_faults import (
    FlashDiffers,
    LockedChip,
    NoProbe,
    ProbeLost,
    SeveralProbes,
    WrongChip,
)
from fwgen.errors import UsageError
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.flash.boards import chip_section, with_section
from tests.device.flash.chip_models import image_for, lives
from tests.device.flash.debug_port import M0, DebuggedCore, DebugPort
from tests.device.flash.machine import StubMachine
from tests.device.flash.nrf_flash import Nrf52840
from tests.device.flash.qemu_board import QemuBoard
from tests.device.flash.remote_probe import RemoteProbe
from tests.device.flash.tool_server import free_port, pyocd_server, serving
from tests.device.flash.unicorn_chip import UnicornChip

BOARD, DK = load_board("microbit"), load_board("nrf52840dk")
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
KNOWN = chip_section(BOARD, "nRF51822", 0x1000_005C, 0x72, 0xFFFF)
FACTORY = {0x1000_0028: 0xFFFF_FFFF, 0x1000_005C: 0xFFFF_0072}
"""FICR of an nRF51822 where QEMU has nothing: CLENR0 and CONFIGID."""

SOURCE = """
    .syntax unified
    .cpu cortex-m0
    .thumb
    .section .text
    .global start
    .word 0x20004000, start + 1
start:
    ldr r0, =0x40002000     @ UART0 of the nRF51: ENABLE, TASKS_STARTTX, TXD
    movs r1, #4
    ldr r2, =0x500
    str r1, [r0, r2]
    movs r1, #1
    str r1, [r0, #8]
    ldr r2, =0x51c
    ldr r3, =words
next:
    ldrb r1, [r3]
    cmp r1, #0
    beq .
    str r1, [r0, r2]
    adds r3, #1
    b next
    .ltorg
words:
    .asciz "{words}"
    .balign 4
    .incbin "noise.bin"
"""


def image_that_says(words: str, folder: Path) -> Path:
    """An image of a bit more than two pages, which says something at its UART."""
    (folder / "noise.bin").write_bytes(random.Random(words).randbytes(1300))
    (folder / "image.s").write_text(SOURCE.replace("{words}", words))
    subprocess.run(
        [
            *("arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb", "-nostdlib", "-Wl,-Ttext=0"),
            *("-Wl,-estart", "image.s", "-o", "image.elf"),
        ],
        cwd=folder,
        check=True,
        timeout=60,
    )
    return folder / "image.elf"


@contextmanager
def microbit(
    change: Callable[[list[int]], list[int]] = lambda words: words, *, free_line: bool = False
) -> Iterator[tuple[QemuBoard, RemoteProbe]]:
    with QemuBoard("microbit", free_line=free_line) as board:
        machine = StubMachine(board.port)
        core = DebuggedCore(machine, M0, overlay=dict(FACTORY), lockup=True)
        with RemoteProbe(DebugPort(core), change) as probe:
            yield board, probe
        machine.close()


def test_pyocd_writes_compares_and_boots(tmp_path: Path) -> None:
    image = image_that_says("hello from flash", tmp_path)
    with microbit() as (board, probe):
        done = flash_image(KNOWN, image, FlashWish("pyocd", probe.name))
        assert done.compared and done.chip == "nRF51822" and done.flasher == "pyocd"
        board.heard(b"hello from flash")


@pytest.mark.nightly
def test_a_board_with_another_build_is_written_and_verified(fwgen: Fwgen, tmp_path: Path) -> None:
    """It has none at all at first, and the board's own afterwards, which is left alone."""
    project = tmp_path / "digits"
    assert fwgen("build", DIGITS, "-b", "microbit", "-o", project, "-q").returncode == 0
    with microbit(free_line=True) as (board, probe):
        options = ("--port", board.url, "--probe", probe.name, "--boot-timeout", 3, "-q")
        done = fwgen("verify", project, "--inputs", 2, *options)
        assert done.returncode == 0, done.stderr
        assert "0 of 20 output bytes differ" in done.stdout
        asked = probe.asked
        assert fwgen("run", project, *options).returncode == 0
        assert asked and probe.asked == asked


def test_a_bit_that_flips_on_the_way_is_found_though_pyocd_finds_none(tmp_path: Path) -> None:
    """One bit of the image's first page, in RAM from where pyOCD's loader programs it."""
    image = image_that_says("never said", tmp_path)
    flips = []

    def change(words: list[int]) -> list[int]:
        if words[0] == 0x2000_4000 and not flips:
            flips.append(4)
            return [words[0], words[1], words[2] ^ 0x100, *words[3:]]
        return words

    with microbit(change) as (_, probe), pytest.raises(FlashDiffers) as error:
        flash_image(BOARD, image, FlashWish("pyocd", probe.name))
    assert flips and error.value.address == 9


@contextmanager
def served(probe: RemoteProbe, folder: Path) -> Iterator[str]:
    """The place of pyOCD's own GDB server for a probe."""
    port = free_port()
    with serving(pyocd_server(probe, "nrf51", port), port, folder) as place:
        yield place


@pytest.mark.parametrize("flip", [False, True])
def test_the_flash_that_pyocds_gdb_server_describes(flip: bool, tmp_path: Path) -> None:
    """Erased and written by the commands for flash, or else nothing would be there."""
    image = image_that_says("hello from flash", tmp_path)
    flips = []

    def change(words: list[int]) -> list[int]:
        if flip and words[0] == 0x2000_4000 and not flips:
            flips.append(8)
            return [*words[:2], words[2] ^ 1, *words[3:]]
        return words

    with microbit(change) as (board, probe), served(probe, tmp_path) as place:
        wish = FlashWish("gdb", place)
        if flip:
            with pytest.raises(FlashDiffers) as error:
                flash_image(KNOWN, image, wish)
            assert [error.value.address] == flips
        else:
            assert flash_image(KNOWN, image, wish).compared
            board.heard(b"hello from flash")


def test_a_wrong_chip_and_a_name_that_pyocd_does_not_know(tmp_path: Path) -> None:
    image = image_that_says("never said", tmp_path)
    wrong: Board = chip_section(BOARD, "nRF52840", 0x1000_005C, 0x7D, 0xFFFF)
    with microbit() as (_, probe):
        with pytest.raises(WrongChip, match="no nRF52840"):
            flash_image(wrong, image, FlashWish("pyocd", probe.name))
        unknown = with_section(BOARD, "pyocd", target="stm32l4r5zitx")
        with pytest.raises(UsageError, match="does not know the chip"):
            flash_image(unknown, image, FlashWish("pyocd", probe.name))


@contextmanager
def nrf52840() -> Iterator[tuple[UnicornChip, RemoteProbe]]:
    chip = Nrf52840()
    with RemoteProbe(chip.port()) as probe:
        yield chip, probe


def test_pyocd_writes_the_chip_of_another_board(tmp_path: Path) -> None:
    """By its own driver for that chip, as the board's file says."""
    with nrf52840() as (chip, probe):
        done = flash_image(DK, image_for(Nrf52840, tmp_path), FlashWish("pyocd", probe.name))
        assert done.compared and done.chip == "nRF52840" and chip.erased_pages == 2
        assert lives(chip)


def test_a_locked_chip_stays_locked(tmp_path: Path) -> None:
    with nrf52840() as (chip, probe):
        chip.lock()
        with pytest.raises(LockedChip, match="locked against debuggers"):
            flash_image(DK, image_for(Nrf52840, tmp_path), FlashWish("pyocd", probe.name))
        assert chip.locked and not chip.erased_pages


@pytest.mark.nightly
def test_a_plug_that_is_pulled_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyOCD goes round for ever when a remote probe hangs up: it is ended."""
    monkeypatch.setattr(pyocd, "LIMIT_S", 6.0)
    with nrf52840() as (chip, probe):
        probe.pulled = lambda: chip.burnt_words > 100
        with pytest.raises(ProbeLost, match=r"did not end within 8\.\d+ s: the probe or the chip"):
            flash_image(DK, image_for(Nrf52840, tmp_path), FlashWish("pyocd", probe.name))
        assert chip.burnt_words > 100


LISTING = """
echo '{"pyocd_version": "0.46.0", "status": 0, "boards": [
  {"unique_id": "066B", "vendor_name": "STM", "product_name": "STM32 STLink"},
  {"unique_id": "9900", "vendor_name": "Arm", "product_name": "DAPLink", "board_name": null}]}'
"""


def test_two_probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pyOCD lists them; there is no way to plug two in here."""
    (tmp_path / "pyocd").write_text(f"#!/bin/sh\n{LISTING}")
    (tmp_path / "pyocd").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SeveralProbes, match="2 probes") as error:
        flash_image(DK, image_for(Nrf52840, tmp_path), FlashWish("pyocd"))
    assert error.value.tries == ("--probe 066B", "--probe 9900")
    assert error.value.at == "066B (STM, STM32 STLink); 9900 (Arm, DAPLink)"


def test_no_probe_ends_at_once(tmp_path: Path) -> None:
    """Where pyOCD by itself would wait for ever."""
    image = image_that_says("never said", tmp_path)
    with pytest.raises(NoProbe):
        flash_image(BOARD, image, FlashWish("pyocd"))
    with pytest.raises(NoProbe):
        flash_image(BOARD, image, FlashWish("pyocd", "remote:127.0.0.1:1"))
    with pytest.raises(NoProbe):
        flash_image(BOARD, image, FlashWish("pyocd", "no-such-serial-number"))
    with pytest.raises(UsageError, match="does not suit mps2-an386"):
        find_flasher(load_board("mps2-an386"), "pyocd")
