"""The models of flash controllers: they refuse what the chips refuse."""

from __future__ import annotations

import pytest

from tests.device.flash.nrf_flash import CONFIG, WRITE, Nrf5340, Nrf52840
from tests.device.flash.stm32_flash import KEYS, Stm32H7A3, Stm32H743, Stm32L4R5, Stm32U575

WORD = b"\x12\x34\x56\x78"
L4 = [Stm32L4R5, Stm32U575]
H7 = [Stm32H7A3, Stm32H743]
NORDIC = [Nrf52840, Nrf5340]


def unlocked(kind: type[Stm32L4R5 | Stm32H7A3]) -> Stm32L4R5 | Stm32H7A3:
    """A chip whose controller takes flash words."""
    chip = kind()
    for key in KEYS:
        chip.store(chip.controller + chip.KEYR, key)
    chip.store(chip.controller + chip.CR, chip.PG)
    return chip


@pytest.mark.parametrize("kind", [*L4, *H7])
def test_stm32_takes_whole_flash_words_where_flash_is_erased(
    kind: type[Stm32L4R5 | Stm32H7A3],
) -> None:
    chip, start, count = unlocked(kind), kind.flash.start, kind.word_bytes // 4
    for number in range(count):
        assert chip.is_erased(start, kind.word_bytes)  # before the last word
        chip.write(start + 4 * number, WORD)
    assert chip.read(start, kind.word_bytes) == WORD * count
    errors = chip.SEQUENCE | (
        chip.PROGRAMMING if isinstance(chip, Stm32L4R5) else chip.INCONSISTENT
    )
    assert not chip.load(chip.controller + chip.SR) & errors
    for number in range(count):
        chip.write(start + 4 * number, bytes(4))
    assert chip.read(start, kind.word_bytes) == WORD * count
    assert chip.load(chip.controller + chip.SR) & errors


@pytest.mark.parametrize("kind", [*L4, *H7])
@pytest.mark.parametrize("offsets", [(4, 8), (0, 8), (0, 0)], ids=str)
def test_stm32_takes_no_flash_word_in_pieces(
    offsets: tuple[int, int], kind: type[Stm32L4R5 | Stm32H7A3]
) -> None:
    chip, start = unlocked(kind), kind.flash.start
    for offset in offsets:
        chip.write(start + offset, WORD)
    assert chip.is_erased(start, 64)
    assert chip.load(chip.controller + chip.SR) & chip.SEQUENCE


@pytest.mark.parametrize("kind", [*L4, *H7])
@pytest.mark.parametrize("keys", [(), KEYS[:1], KEYS[::-1], (KEYS[0], 1)], ids=str)
def test_stm32_stays_locked_without_its_keys(
    keys: tuple[int, ...], kind: type[Stm32L4R5 | Stm32H7A3]
) -> None:
    chip, start = kind(), kind.flash.start
    for key in keys:
        chip.store(chip.controller + chip.KEYR, key)
    chip.store(chip.controller + chip.CR, chip.PG)
    for number in range(kind.word_bytes // 4):
        chip.write(start + 4 * number, WORD)
    assert chip.is_erased(start, kind.word_bytes)
    assert chip.load(chip.controller + chip.CR) & chip.LOCK


@pytest.mark.parametrize("kind", NORDIC)
def test_nordics_controller_only_takes_what_is_enabled(kind: type[Nrf52840]) -> None:
    chip = kind()
    chip.write(0, WORD)
    assert chip.is_erased(0, 4)
    chip.store(chip.controller + CONFIG, WRITE)
    chip.write(0, WORD)
    chip.write(0, b"\xff" * 4)  # which erases nothing
    assert chip.read(0, 4) == WORD
    chip.write(0, b"\x10\xff\xff\xff")
    assert chip.read(0, 4) == b"\x10" + WORD[1:]
