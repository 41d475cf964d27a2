"""Program -> nothing, or DoesNotFit: the board's memories checked before anything is compiled."""

from __future__ import annotations

from fwgen.board import Board
from fwgen.errors import DoesNotFit
from fwgen.lower import Program

_BIGGEST = 3


def check_fit(program: Program) -> None:
    """Raise DoesNotFit if weights or arena and stack alone exceed the regions they are placed in.

    What code and the runtime add is known only after linking; the linker's word is then final.
    """
    board = program.board
    if board.native:
        return
    demands = {
        "weights": program.weights_bytes,
        "arena": program.plan.arena_bytes,
        "stack": board.stack_bytes,
    }
    for region in board.regions:
        placed = {what: n for what, n in demands.items() if board.place[what] == region.name}
        needed = sum(placed.values())
        if needed > region.bytes:
            raise DoesNotFit(
                f"{' and '.join(placed).capitalize()} need {needed:,} bytes of {region.name}, "
                f"which has {region.bytes:,}.",
                at=f"board {board.name}",
                tries=(*_advice(program, "arena" in placed), _larger(board)),
            )


def _advice(program: Program, arena: bool) -> tuple[str, ...]:
    if arena:
        tensors = sorted(program.activations, key=lambda a: -a.tensor.bytes)[:_BIGGEST]
        names = ", ".join(f"t{a.tensor.index} with {a.tensor.bytes:,} bytes" for a in tensors)
        return (f"a model with smaller activations; the biggest are {names}",)
    arrays = sorted(program.arrays, key=lambda a: -a.data.nbytes)[:_BIGGEST]
    names = ", ".join(f"{a.name} with {a.data.nbytes:,} bytes" for a in arrays)
    return (f"a model with fewer weights; the biggest are {names}",)


def _larger(board: Board) -> str:
    return f"a board with more memory than {board.name} (fwgen boards)"
