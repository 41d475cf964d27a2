"""The chip that a board has, told from others by one of its registers: section ``[chip]``."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.board import Board
from fwgen.board.keys import ADDRESS, ADDRESSES, SENTENCE, Integer, Key
from fwgen.board.sections import Section
from fwgen.device.flash.flash_faults import LockedChip, WrongChip
from fwgen.device.flash.flasher import Target


@dataclass(frozen=True)
class Chip:
    """A chip whose 32 bits at ``id_address`` are ``id_value``, where ``id_mask`` has ones.

    Likewise with ``open_address``, if there is one: that it lets debuggers read its flash.
    """

    name: str
    id_address: int
    id_value: int
    id_mask: int = 0xFFFF_FFFF
    open_address: int | None = None
    open_value: int = 0
    open_mask: int = 0xFFFF_FFFF


def _chip(**values: object) -> Chip:
    chip = Chip(**values)  # type: ignore[arg-type]
    for which in ("id", "open"):
        if (getattr(chip, f"{which}_address") or 0) % 4:
            raise ValueError(f"{which}_address: it is no multiple of 4")
        if getattr(chip, f"{which}_value") & ~getattr(chip, f"{which}_mask"):
            raise ValueError(f"{which}_value: it has bits that {which}_mask has not")
    return chip


_WORD = Integer(0, ADDRESSES - 1)

SECTION = Section(
    "chip",
    "What tells the board's chip from others, before anything is written to it.",
    (
        Key("name", SENTENCE, "the chip, as its maker calls it"),
        Key("id_address", ADDRESS, "the address of its register of identification"),
        Key("id_value", _WORD, "what that reads, as 32 bits"),
        Key("id_mask", _WORD, "the bits of it that count", 0xFFFF_FFFF),
        Key("open_address", ADDRESS, "the address of its register of read-out protection", None),
        Key("open_value", _WORD, "what that reads while debuggers may read the flash", 0),
        Key("open_mask", _WORD, "the bits of it that count", 0xFFFF_FFFF),
    ),
    _chip,
)


def check_chip(board: Board, target: Target) -> str | None:
    """Raise WrongChip for a chip that is not the board's, LockedChip for one that is locked; its
    name if it is neither, None if nothing is known of it."""
    chip = board.section(SECTION)
    if chip is None:
        return None
    value = _word(target, chip.id_address)
    if value is None:
        return None
    if value & chip.id_mask != chip.id_value:
        raise WrongChip(
            f"The chip is no {chip.name}: its identification reads {value & chip.id_mask:#x}, "
            f"expected {chip.id_value:#x}.",
            at=f"{board.name}, address {chip.id_address:#010x}",
            tries=(
                "--probe ID, if the board is at another one",
                "fwgen build for the board that it is",
            ),
        )
    if chip.open_address is not None:
        _check_open(chip, _word(target, chip.open_address) or 0)
    return chip.name


def _check_open(chip: Chip, value: int) -> None:
    if value & chip.open_mask != chip.open_value:
        raise LockedChip(
            f"The {chip.name} is locked against debuggers: its read-out protection reads "
            f"{value & chip.open_mask:#x}, expected {chip.open_value:#x}.",
            at=f"address {chip.open_address:#010x}",
            tries=("unlock it with its maker's tool: that erases all of its flash",),
        )


def _word(target: Target, address: int) -> int | None:
    found = target.read([(address, 4)])
    return None if found is None else int.from_bytes(found[0], "little")
