"""The fit of a program: Program -> Shortages of the board's memories, before anything is
compiled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fwgen.board import Region
from fwgen.board.placement import OPTION, RUNTIME_DATA_BYTES, code_by_region
from fwgen.compile.kept_bytes import copied_bytes, kept_bytes
from fwgen.compile.lower.constant_regions import estimated_code
from fwgen.compile.lower.program import Program
from fwgen.compile.plan.occupancy import moments

_BIGGEST = 3
_NAMED = 12
_NAMES = {"code": ("code",), "stack": ("stack",), "data": ("inputs", "state")}
"""What ``demand`` calls what may be in one of several regions."""


@dataclass(frozen=True)
class Shortage:
    """Regions that are too small for their content.

    ``needed`` is the bytes needed, by name of the region. ``more`` is the estimated size in bytes
    of code or of the runtime's data, where neither was measured.
    """

    regions: tuple[Region, ...]
    needed: Mapping[str, int]
    more: int = 0

    @property
    def names(self) -> str:
        """The regions in words."""
        return " and ".join(region.name for region in self.regions)

    @property
    def bytes(self) -> int:
        """What the regions have."""
        return sum(region.bytes for region in self.regions)

    @property
    def missing(self) -> int:
        """What they lack."""
        return sum(self.needed.values()) - self.bytes

    def __str__(self) -> str:
        what = "code" if self.regions[0].kind == "rom" else "the runtime's data"
        return (
            f"{' and '.join(self.needed)} need {sum(self.needed.values()):,} bytes of "
            f"{self.names}, which {'has' if len(self.regions) == 1 else 'have'} {self.bytes:,}"
            + (f" ({what} will need about {self.more:,} more)" if self.more else "")
        )


def shortages(program: Program) -> tuple[Shortage, ...]:
    """One for each region that is too small for what is placed in it.

    Weights, arena, stack, state and the copy of inputs always count; code and the runtime's own
    data count once the linker has measured them. What a board lets spread over several regions is
    compared with all of these together: 300 kB of weights for regions of 128 and 128 kB are one
    shortage.
    """
    found: dict[str, Shortage] = {}
    for region in program.board.regions:
        alone = Shortage((region,), demand(program, region), _unknown(program, (region,)))
        if sum(alone.needed.values()) > region.bytes:
            others = program.board.regions_for(_largest_divided(alone.needed))
            listed = tuple(each for each in program.board.regions if each in others)
            together = Shortage(listed, _demand(program, listed), _unknown(program, listed))
            exceeded = region in listed and sum(together.needed.values()) > together.bytes
            worst = together if exceeded else alone
            found.setdefault(worst.names, worst)
    return tuple(found.values())


def _largest_divided(needed: Mapping[str, int]) -> str:
    """What of a region may be in others as well, or else anything that is in it."""
    return next((w for w in ("arena", "weights", "code", "stack") if w in needed), "data")


def movable(program: Program) -> Mapping[str, int]:
    """Bytes of code, stack and data, each if it could make room by going to another region.

    Room is lacking in two cases. The part's own region is too small; or the state and the copy of
    inputs take the place that a buffer should have in the arena's best region.
    """
    board = program.board
    if board.native:
        return {}
    found = {}
    for each in shortages(program):
        sizes = {
            what: sum(each.needed.get(name, 0) for name in names) for what, names in _NAMES.items()
        }
        if each.missing <= sum(sizes.values()):
            found.update({what: size for what, size in sizes.items() if size})
    best, plan = board.region("arena"), program.plan
    if board.region("data") == best and spills(program):
        pairs = zip(plan.buffers, plan.offsets, strict=True)
        out = [b.bytes for b, offset in pairs if plan.arena_at(offset).region != best.name]
        kept = kept_bytes(program.graph, board)
        if kept >= min(out, default=0):
            found["data"] = kept
    return found


def measured(program: Program, overflows: Mapping[str, int]) -> dict[str, int]:
    """``Board.measured``, corrected by how many bytes each region was too small when linked."""
    board, found = program.board, dict(program.board.measured)
    for region in board.regions:
        if region.name in overflows:
            known = sum(demand(program, region).values())
            if board.measured_in(region) is None:
                known += _estimated(program, region)
            key = board.key_of(region)
            found[key] = found.get(key, 0) + region.bytes + overflows[region.name] - known
    return found


def spills(program: Program) -> bool:
    """Whether a buffer that is not pinned had to leave the arena's best region."""
    if program.board.native:
        return False
    if any("arena" in each.needed for each in shortages(program)):
        return True
    plan, first = program.plan, program.board.region("arena").name
    return any(
        plan.arena_at(offset).region != first and not program.pins.of(buffer.tensors, op)
        for buffer, offset in zip(plan.buffers, plan.offsets, strict=True)
        for op in [buffer.scratch_of]
    )


def unplaced(program: Program) -> list[str]:
    """Options of ``--place`` that could not be followed, with the reason."""
    pins, buffers = program.pins, program.plan.buffers
    tensors = sorted(t for b in buffers for t in b.tensors)
    scratch = sorted(b.scratch_of for b in buffers if b.scratch_of is not None)
    wrong = []
    for what, asked, known in (("t", pins.tensors, tensors), ("op", pins.scratch, scratch)):
        names = ", ".join(f"{what}{number}" for number in known[:_NAMED]) or "none"
        names += ", ..." if len(known) > _NAMED else ""
        holds = "a tensor" if what == "t" else "an op with scratch memory"
        wrong += [
            f"Expected {holds} of the arena ({names}), got {what}{number}."
            for number in asked
            if number not in known
        ]
    for buffer in buffers:
        regions = pins.of(buffer.tensors, buffer.scratch_of)
        if len(set(regions)) > 1:
            shared = " and ".join(f"t{t}" for t in buffer.tensors)
            wrong.append(
                f"Expected one region for {shared}, which are in the same memory, "
                f"got {' and '.join(regions)}."
            )
    return wrong


def demand(program: Program, region: Region) -> dict[str, int]:
    """Bytes of what is placed in a region; "inputs" are the runtime's copy of them, "state" is the
    model's. "code" and "runtime" are what else is in it, known once something of it was
    measured."""
    board = program.board
    if board.native:
        return {}
    weights = (a.data.nbytes for a in program.arrays if a.region == region.name)
    arenas = (a.bytes for a in program.plan.arenas if a.region == region.name)
    found = {
        "weights": sum(weights),
        "arena": sum(arenas),
        "stack": board.stack_bytes if board.region("stack") == region else 0,
    }
    if board.region("data") == region:
        found |= {
            "inputs": copied_bytes(program.graph, board),
            "state": program.plan.state.bytes,
        }
    beyond = board.measured_in(region)
    if beyond is not None:
        rest = "code" if region.kind == "rom" else "runtime"
        found[rest] = _estimated(program, region) + beyond
    return {what: used for what, used in found.items() if used}


def _estimated(program: Program, region: Region) -> int:
    """Bytes of code and vectors in a region, as far as they can be told before linking."""
    return code_by_region(program.board, estimated_code(program))[region.name]


def _unknown(program: Program, regions: Sequence[Region]) -> int:
    """About how many bytes of some regions ``demand`` leaves out, as they were not measured."""
    board = program.board
    unmeasured = [region for region in regions if board.measured_in(region) is None]
    data = RUNTIME_DATA_BYTES if board.region("data") in unmeasured else 0
    return data + sum(_estimated(program, region) for region in unmeasured)


def _demand(program: Program, regions: Sequence[Region]) -> dict[str, int]:
    """Bytes of what is placed in some regions."""
    found: Counter[str] = Counter()
    for region in regions:
        found.update(demand(program, region))
    return dict(found)


def total(program: Program, regions: Sequence[Region]) -> int:
    """Bytes of everything in some regions."""
    return sum(_demand(program, regions).values())


def biggest(program: Program, lacking: Shortage) -> str:
    """What takes most of the region that is too small, ops of the arena or constants; or what else
    could be done."""
    if "arena" in lacking.needed:
        plan = program.plan
        found = moments(plan.buffers, plan.offsets, len(program.steps))
        peaks = sorted(zip(found, program.steps, strict=True), key=lambda pair: -pair[0].bytes)
        names = ", ".join(
            f"op {step.index} {step.code} ({step.kernel}) with {moment.bytes:,} bytes"
            for moment, step in peaks[:_BIGGEST]
        )
        return f"a model with smaller activations; most of the arena is in use at {names}"
    if "weights" not in lacking.needed and "code" in lacking.needed:
        return f"{OPTION} code=REGION, if another region has room for code"
    if "weights" not in lacking.needed:
        roomy = max((r for r in program.board.regions if r.kind == "ram"), key=lambda r: r.bytes)
        if roomy in lacking.regions:
            return "a model with smaller inputs, of which the runtime keeps a copy"
        return f"{OPTION} data={roomy.name}, where the runtime then keeps its copy of the inputs"
    arrays = sorted(program.arrays, key=lambda a: -a.data.nbytes)[:_BIGGEST]
    names = ", ".join(f"{a.name} with {a.data.nbytes:,} bytes" for a in arrays)
    return f"a model with fewer weights; the biggest are {names}"
