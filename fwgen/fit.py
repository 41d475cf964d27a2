"""Program -> Shortages: the board's memories checked before anything is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fwgen.board import Region
from fwgen.lower import Program
from fwgen.plan.moments import moments

_BIGGEST = 3


@dataclass(frozen=True)
class Shortage:
    """A region that is too small for what is placed in it, ``needed`` in bytes by its name."""

    region: Region
    needed: Mapping[str, int]

    def __str__(self) -> str:
        return (
            f"{' and '.join(self.needed)} need {sum(self.needed.values()):,} bytes of "
            f"{self.region.name}, which has {self.region.bytes:,}"
        )


def shortages(program: Program) -> tuple[Shortage, ...]:
    """The regions that weights, or arena and stack, alone exceed.

    What code and the runtime add is known only after linking; the linker's word is then final.
    """
    needs = [(region, demand(program, region)) for region in program.board.regions]
    return tuple(Shortage(r, needed) for r, needed in needs if sum(needed.values()) > r.bytes)


def arena_room(program: Program) -> int | None:
    """Bytes that the arena may have, if it has more than its region has room for."""
    for each in shortages(program):
        if "arena" in each.needed:
            others = sum(each.needed.values()) - each.needed["arena"]
            return max(0, each.region.bytes - others)
    return None


def demand(program: Program, region: Region) -> dict[str, int]:
    """Bytes of what is placed in a region."""
    board = program.board
    if board.native:
        return {}
    sizes = {
        "weights": program.weights_bytes,
        "arena": program.plan.arena_bytes,
        "stack": board.stack_bytes,
    }
    return {what: n for what, n in sizes.items() if board.place[what] == region.name}


def biggest(program: Program, lacking: Shortage) -> str:
    """What takes most of the region that is too small: ops of the arena, or constants."""
    if "arena" in lacking.needed:
        plan = program.plan
        found = moments(plan.buffers, plan.offsets, len(program.steps))
        peaks = sorted(zip(found, program.steps, strict=True), key=lambda pair: -pair[0].bytes)
        names = ", ".join(
            f"op {step.index} {step.code} ({step.variant}) with {moment.bytes:,} bytes"
            for moment, step in peaks[:_BIGGEST]
        )
        return f"a model with smaller activations; most of the arena is in use at {names}"
    arrays = sorted(program.arrays, key=lambda a: -a.data.nbytes)[:_BIGGEST]
    names = ", ".join(f"{a.name} with {a.data.nbytes:,} bytes" for a in arrays)
    return f"a model with fewer weights; the biggest are {names}"
