"""The twin of a board: one of fwgen's with the same core, on which images run in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fwgen.board.facts import LISTED_PLACES, Board
from fwgen.board.file import board_names, load_board
from fwgen.board.sections import owned_sections


def twin_of(board: Board) -> Board | None:
    """The board that ``like`` of a board names, None if it names none.

    It has the core of the board that it stands for, with that board's compiler options, and the
    larger stack of the two. It runs on simulators of its own. Each part of an image is in the
    roomiest of its regions for that part.
    """
    if board.like is None:
        return None
    like = load_board(board.like)
    return replace(
        like,
        cpu=board.cpu,
        stack_bytes=max(like.stack_bytes, board.stack_bytes),
        place={what: _roomiest(like, what) for what in like.place},
        sections={**like.sections, **_own_sections(board)},
        notes=(*like.notes, *board.notes),
    )


def _own_sections(board: Board) -> dict[str, tuple[Any, ...]]:
    """All sections but those of simulators."""
    simulators = {name for name, section in owned_sections().items() if section.of_simulator}
    return {name: what for name, what in board.sections.items() if name not in simulators}


def twins_for(core: str) -> tuple[str, ...]:
    """The boards of fwgen's with a core of that name."""
    return tuple(name for name in board_names() if load_board(name).cpu.name == core)


def _roomiest(board: Board, what: str) -> tuple[str, ...]:
    if what not in LISTED_PLACES:
        return tuple(board.place[what])
    return (max(board.regions_for(what), key=lambda region: region.bytes).name,)
