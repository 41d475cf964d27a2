"""Boards of tests: those there are, with sections that flashers read."""

from __future__ import annotations

from dataclasses import replace

from fwgen.board import Board
from fwgen.board.sections import owned_sections


def with_section(board: Board, section: str, /, **values: object) -> Board:
    """A board whose file has a section ``[name]``, too."""
    read = owned_sections()[section].read(values, "test.toml")
    return replace(board, sections={**board.sections, section: read})


def chip_section(board: Board, name: str, address: int, value: int, mask: int) -> Board:
    """A board whose chip is known by a register."""
    return with_section(board, "chip", name=name, id_address=address, id_value=value, id_mask=mask)
