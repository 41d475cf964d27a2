"""The venue of a run: the board of a project, or the board that stands in for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fwgen.board import Board
from fwgen.board.twin import twin_of, twins_for
from fwgen.device.run import find_runner, wished_runners
from fwgen.device.run.runner import Choice, Runner
from fwgen.errors import UsageError
from fwgen.npu.payload import Configuration


@dataclass(frozen=True)
class Venue:
    """``runner`` takes images of ``board``, which is the project's own, or runs in place of it."""

    runner: Runner
    board: Board
    own: Board

    @property
    def in_place(self) -> bool:
        """Whether the board is another one than the project's."""
        return self.board.name != self.own.name

    @property
    def told(self) -> tuple[str, ...]:
        """What is to be said of every result, if it was another board's."""
        if not self.in_place:
            return ()
        timer = self.own.timer
        cycles = timer.source if timer is not None and timer.unit == "cycles" else None
        return (
            f"run on {self.board.name} in place of {self.own.name}",
            *(
                [f"counted by the timer of {self.board.name}, not in cycles of {cycles}"]
                * bool(cycles)
            ),
        )


def find_venue(board: Board, choice: Choice, npu: Configuration | None = None) -> Venue:
    """Where a project for ``board`` runs on the runner of the user's choice.

    On its twin only if no simulator that is here takes its own images, and the board itself is not
    asked for. Raises as ``find_runner``.
    """
    twin = twin_of(board) if npu is None else None
    wished = wished_runners(choice)
    for candidate in (board, twin):
        if candidate is None or candidate.library_only:
            continue
        able = [r for r in wished if r.suits(candidate) and not (r.attached and candidate is twin)]
        if candidate is board and twin is not None and able and not any(r.attached for r in able):
            able = [runner for runner in able if runner.missing(board, npu, choice) is None]
        if able:
            return Venue(find_runner(candidate, choice, npu), candidate, board)
    attached = bool(wished) and all(runner.attached for runner in wished)
    if board.library_only and (twin is None or attached):
        raise _library(board, npu)
    own = twin if board.library_only and twin is not None else board
    return Venue(find_runner(own, choice, npu), own, board)


def _library(board: Board, npu: Configuration | None) -> UsageError:
    """Why a library does not run, and what would."""
    likes = tuple(f'like = "{name}" in the board file' for name in twins_for(board.cpu.name))
    return UsageError(
        f"What is built for {board.name} is a library, which does not run by itself.",
        at=f"board {board.name}: platform",
        tries=(
            *(likes if npu is None else ("a build without --npu, for a board that is like it",)),
            "platform = DIR in the board file, a folder with C files that bring the chip up",
        ),
    )


def note_venue(result: dict[str, Any], venue: Venue) -> None:
    """Say in a result that another board than the project's ran its image, if so."""
    if venue.in_place:
        result["ran_on"] = venue.board.name
        result["memory"]["stack_bytes"] = venue.board.stack_bytes
