"""Instructions of a function -> the bytes that it has on the stack at each of them.

The way of control is followed from the first instruction on. Where ways meet, the larger number
counts; what no way leads to, as the cases of a table of jumps, is taken to be at the deepest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fwgen.build.thumb import Kind, ThumbInstruction


class PlacedInstruction(NamedTuple):
    """An instruction at its address; ``conditional`` if it may be skipped."""

    address: int
    step: ThumbInstruction
    conditional: bool


def offsets(code: Sequence[PlacedInstruction], frame: int) -> dict[int, int]:
    """Bytes on the stack before each instruction, by its address, ``frame`` at most."""
    found: dict[int, int] = {}
    at = {each.address: each for each in code}
    for begin, start in [(each.address, frame if i else 0) for i, each in enumerate(code)]:
        waiting = [] if begin in found else [(begin, start)]
        while waiting:
            address, offset = waiting.pop()
            placed = at.get(address)
            if placed is not None and found.get(address, -1) < offset:
                found[address] = offset
                waiting += _following(placed, offset, frame)
    return found


def _following(placed: PlacedInstruction, offset: int, frame: int) -> list[tuple[int, int]]:
    """Where control may go from an instruction, and the bytes on the stack there."""
    step = placed.step
    after = frame if step.pushed is None else min(max(0, offset + step.pushed), frame)
    if placed.conditional:
        after = max(offset, after)
    found = []
    if step.kind is Kind.BRANCH:
        found.append((step.target, after))
    if placed.conditional or not step.ends:
        found.append((placed.address + step.bytes, after))
    return found
