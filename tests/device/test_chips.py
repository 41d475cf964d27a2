"""Boards that no simulator has: their start-up code sets up what the chip's maker says it must."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from fwgen.board import board_names, load_board
from tests.device.chip_run import CHIPS, ChipRun
from tests.device.chips import Nordic
from tests.device.firmware.build import ENERGY_MODE, link
from tests.device.firmware.device import READY, answer_lines
from tests.device.ra8_chip import Ra8

BOARDS = [name for name in board_names() if load_board(name).platform in CHIPS]
NORDIC = [name for name in BOARDS if issubclass(CHIPS[load_board(name).platform], Nordic)]
RA8 = [name for name in BOARDS if load_board(name).platform == "ra8"]
PICO = [name for name in BOARDS if load_board(name).platform == "rp2350"]
FOLDER = tempfile.TemporaryDirectory(prefix="fwgen-chips-")
M33 = ("-mcpu=cortex-m33", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16")
CPUID, MSCR, ACTLR = 0xE000_ED00, 0xE001_E000, 0xE000_E008


@cache
def build(name: str, *, energy: bool = False) -> Path:
    """The board's image. Unicorn has no Armv8.1-M: firmware for it is compiled for a Cortex-M33,
    which has all of it but Helium and low-overhead loops."""
    board = load_board(name)
    if "mve" in board.cpu.features:
        board = replace(board, cpu=replace(board.cpu, flags=(*M33, "-D__ARM_FEATURE_MVE=1")))
    folder = Path(FOLDER.name, f"{name}-{energy}")
    folder.mkdir()
    return link(board, folder, task=ENERGY_MODE if energy else None)


@pytest.mark.parametrize("name", BOARDS)
def test_firmware_comes_up_and_answers(name: str) -> None:
    """At the clock of the board file, over a line that its chip would have, too."""
    board = load_board(name)
    run = ChipRun(board, build(name))
    assert b"m-init-done" in run.until(READY)
    assert run.chip.core_hz() == board.clock_hz
    run.chip.waiting += b"name%"
    assert any(line.startswith("m-name-dut-[") for line in answer_lines(run.until(READY)))


@pytest.mark.parametrize("name", [name for name in BOARDS if load_board(name).trigger is not None])
def test_timestamps_pull_the_trigger_pin_low(name: str) -> None:
    """High from the start, and low once at each of them, for a microsecond at least."""
    board = load_board(name)
    run = ChipRun(board, build(name))
    booted = run.until(READY)
    run.chip.waiting += b"infer 2%"
    said = run.until(READY, 400)
    assert said.count(b"m-lap-us-") >= 2, said
    first, *edges = run.chip.edges
    assert first[1], "the pin is not high at first"
    assert [level for _, level in edges] == [False, True] * (booted + said).count(b"m-lap-us-")
    falls, rises = [at for at, level in edges if not level], [at for at, level in edges if level]
    for fall, rise in zip(falls, rises, strict=True):
        assert rise - fall >= board.clock_hz // 1_000_000


def nordic(name: str) -> type[Nordic]:
    kind = CHIPS[load_board(name).platform]
    assert issubclass(kind, Nordic)
    return kind


def protected(name: str, kept: dict[int, int]) -> tuple[Nordic, list[int], list[int]]:
    """The chip after its firmware came up, what APPROTECT of UICR holds then, and what firmware
    wrote beside it."""
    run = ChipRun(load_board(name), build(name), kept)
    run.until(READY)
    chip = run.chip
    assert isinstance(chip, Nordic)
    uicr = [chip.read_kept(at) for at in chip.protections]
    return chip, uicr, [chip.kept.get(at, -1) for at in chip.protections.values()]


@pytest.mark.parametrize("name", NORDIC)
def test_the_debug_port_stays_open(name: str) -> None:
    """On a chip that was erased, and on one whose UICR says so from before."""
    kind = nordic(name)
    for before in (0xFFFF_FFFF, kind.open_value):
        chip, uicr, disable = protected(name, dict.fromkeys(kind.protections, before))
        assert set(uicr) == set(disable) == {chip.open_value}
        assert chip.read_kept(chip.nvmc + 0x504) == 0, "flash stays writable"


@pytest.mark.parametrize("name", NORDIC)
def test_a_debug_port_that_its_owner_locked_stays_locked(name: str) -> None:
    chip, uicr, disable = protected(name, dict.fromkeys(nordic(name).protections, 0))
    assert set(uicr) == {0} and chip.open_value not in disable


def test_an_old_nrf52840_has_no_register_for_it() -> None:
    for name in NORDIC:
        if load_board(name).platform == "nrf52":
            _, uicr, disable = protected(name, {Nordic.REVISION: 4})
            assert set(uicr) == {0xFFFF_FFFF} and disable == [-1]


@pytest.mark.parametrize("name", BOARDS)
def test_the_line_is_slow_in_energy_mode(name: str) -> None:
    run = ChipRun(load_board(name), build(name, energy=True))
    run.chip.baud = 9600
    assert run.until(READY).split() == [b"m-timestamp-mode-energy", b"m-init-done", b"m-ready"]


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


@pytest.mark.parametrize("name", RA8)
def test_the_clock_of_an_ra8_rises_in_steps_that_its_supply_follows(name: str) -> None:
    """By 240 MHz at most, and 150 us before the next."""
    run = ChipRun(load_board(name), build(name))
    run.until(READY)
    assert isinstance(run.chip, Ra8)
    steps = [*run.chip.steps, (run.counters.cycles, load_board(name).clock_hz)]
    assert len(steps) > 3
    for (begin, before), (end, after) in itertools.pairwise(steps):
        assert after - before <= 240_000_000
        if before > 100_000_000:
            assert (end - begin) / before >= 150e-6


@pytest.mark.parametrize("name", RA8)
@pytest.mark.parametrize(
    ("cpuid", "through"),
    [(0x410F_D232, True), (0x411F_D230, True), (0x411F_D231, False), (0x410F_D220, False)],
    ids=["r0p2", "r1p0", "r1p1", "m55"],
)
def test_an_early_cortex_m85_writes_through_its_cache(name: str, cpuid: int, through: bool) -> None:
    run = ChipRun(load_board(name), build(name))
    run.counters.kept[CPUID] = cpuid
    run.until(b"m-timestamp")
    found = run.counters.kept.get(MSCR, 0) >> 2 & 1, run.counters.kept.get(ACTLR, 0) >> 16 & 1
    assert found == (through, through)
