"""The chip that a board has, told from others by one of its registers: section ``[chip]``."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.board import Board
from fwgen.board.keys import ADDRESS, ADDRESSES, SENTENCE, Integer, Key
from fwgen.board.sections import Section
from fwgen.device.flash.flash_faults import WrongChip
from fwgen.device.flash.flasher import Target


@dataclass(frozen=True)
class Chip:
    """A chip whose 32 bits at ``id_address`` are ``id_value``, where ``id_mask`` has ones."""

    name: str
    id_address: int
    id_value: int
    id_mask: int = 0xFFFF_FFFF


def _chip(**values: object) -> Chip:
    chip = Chip(**values)  # type: ignore[arg-type]
    if chip.id_address % 4:
        raise ValueError("id_address: it is no multiple of 4")
    if chip.id_value & ~chip.id_mask:
        raise ValueError("id_value: it has bits that id_mask has not")
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
    ),
    _chip,
)


def check_chip(board: Board, target: Target) -> str | None:
    """Raise WrongChip for a chip that is not the board's; its name if it is, None if nothing is
    known of it."""
    chip = board.section(SECTION)
    if chip is None:
        return None
    found = target.read([(chip.id_address, 4)])
    if found is None:
        return None
    value = int.from_bytes(found[0], "little")
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
    return chip.name
