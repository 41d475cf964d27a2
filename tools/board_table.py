#!/usr/bin/env python3
"""Write README.md's table of boards from the board files: what each is, and what was tried how.

tools/board_table.py
"""

from __future__ import annotations

from pathlib import Path

from fwgen.board import Board, board_names, load_board
from fwgen.device.flash import FLASHERS
from fwgen.device.run.fvp import SECTION as FVP
from fwgen.device.run.qemu_machine import SECTION as QEMU
from fwgen.device.serial.ports import SECTION as SERIAL

README = Path(__file__).resolve().parents[1] / "README.md"
HEADER = """| board | what it is | firmware runs on | written by | tested |
|---|---|---|---|---|
"""
GENERAL = "gdb"
"""The flasher that suits all boards: it is told of those that name a server for it."""

MODELLED = "start-up code executed against modelled registers"
"""Of boards whose chip no simulator has."""


def simulated(board: Board) -> list[str]:
    """The simulators that take the board's own firmware."""
    qemu, fvp = board.section(QEMU), board.section(FVP)
    return [
        *([f"QEMU `{qemu.machine}`"] if qemu else []),
        *(["Arm's FVP"] if fvp else []),
    ]


def runs_on(board: Board) -> str:
    """What takes the board's firmware, and what takes its model in place of it."""
    if board.native:
        return "this machine; `--sanitize` adds ASan and UBSan"
    where = simulated(board) + (["the board"] if board.section(SERIAL) else [])
    instead = f"; its model on `{board.like}` in its place" if board.like else ""
    return ", ".join(where) + instead


def written_by(board: Board) -> str:
    """The flashers that the board's file knows."""
    names = [name for name, flasher in FLASHERS.items() if flasher.suits(board)]
    return ", ".join(n for n in names if n != GENERAL or GENERAL in board.sections) or "-"


def tested(board: Board) -> str:
    """How far, and how if no simulator has the board."""
    how = not board.native and not simulated(board)
    return f"{board.tested}; {MODELLED}" if how else str(board.tested)


def rows() -> list[str]:
    """A row for each board."""
    found = []
    for name in board_names():
        board = load_board(name)
        cells = (f"`{name}`", board.title, runs_on(board), written_by(board), tested(board))
        found.append(f"| {' | '.join(cells)} |\n")
    return found


def updated(text: str) -> str:
    """The page with the table as it is to be. Raises SystemExit where there is none."""
    before, header, rest = text.partition(HEADER)
    if not header:
        raise SystemExit(f"{README} has no table that begins with {HEADER!r}.")
    return before + header + "".join(rows()) + "\n" + rest.partition("\n\n")[2]


def main() -> None:
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
