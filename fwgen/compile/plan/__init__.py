"""Graph + Selection -> Plan: where each activation and each scratch buffer lies in the arena."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from fwgen.board.placement import NO_PINS, Pins, Room
from fwgen.compile.plan.buffers import Contract, apart, buffers, contracts, in_grains
from fwgen.compile.plan.problem import Buffer, Overlap, Problem
from fwgen.compile.plan.regions import Packed, Wanted, spread
from fwgen.compile.plan.solve import Solution
from fwgen.compile.plan.solve_and_validate import solve_checked
from fwgen.compile.plan.table import ProblemTable
from fwgen.compile.plan.traffic import accesses
from fwgen.compile.schedule.lifetimes import Lifetime, aliased_ops, lifetimes
from fwgen.compile.select.selection import Selection
from fwgen.model.alignment import ALIGNMENT, aligned
from fwgen.model.graph import Graph

ANYWHERE = (Room("", inf, 0),)
"""One region without an end or a name."""

_TRIAL_NODES, _TRIAL_WORK = 20_000, 2_000_000
"""Of the search for whether some buffers fit a region; nodes times buffers."""


@dataclass(frozen=True)
class Arena:
    """The arena's part in a region: ``bytes`` from ``base`` on of all offsets of the plan.

    No plan of what is in it needs less than ``lower_bound_bytes``.
    """

    region: str
    base: int
    bytes: int
    lower_bound_bytes: int


@dataclass(frozen=True)
class Plan:
    """The arena: ``offset_of[t]`` of each activation, ``scratch_of[op]`` of each op with scratch.

    Offsets run through all ``arenas``, one after the other, and through the ``state`` after them,
    where variables have their offsets; most plans have one arena. No plan with the
    same buffers in each region needs less than ``lower_bound_bytes``; where ``arena_bytes`` equals
    it the plan is proven optimal. Ops in ``aliased`` move no data: output and input share memory.
    Those in ``backwards`` must go from the last byte to the first, as output and input overlap that
    way. Accesses to the arena wait for ``wait_cycles`` in an inference, by estimate.
    """

    buffers: tuple[Buffer, ...]
    offsets: tuple[int, ...]
    offset_of: Mapping[int, int]
    scratch_of: Mapping[int, int]
    aliased: frozenset[int]
    backwards: frozenset[int]
    arenas: tuple[Arena, ...]
    wait_cycles: float
    state: Arena

    @property
    def arena_bytes(self) -> int:
        """Of all regions."""
        return sum(arena.bytes for arena in self.arenas)

    @property
    def lower_bound_bytes(self) -> int:
        """Of all regions."""
        return sum(arena.lower_bound_bytes for arena in self.arenas)

    @property
    def optimal(self) -> bool:
        """Whether there is proof that no plan is smaller."""
        return self.arena_bytes == self.lower_bound_bytes

    @property
    def certificate(self) -> str:
        """What is proven about the size, in words."""
        if self.optimal:
            return "proven optimal"
        gap = self.arena_bytes - self.lower_bound_bytes
        return f"at most {gap:,} B above the optimum"

    def arena_at(self, offset: int) -> Arena:
        """The part that has a buffer or variable with this offset."""
        if offset >= self.state.base and self.state.bytes:
            return self.state
        return next(a for a in reversed(self.arenas) if a.base <= offset)


def plan(
    graph: Graph, selection: Selection, rooms: Sequence[Room] = ANYWHERE, pins: Pins = NO_PINS
) -> Plan:
    """Lay out the arena in regions. Each part has passed the independent validator."""
    lives = lifetimes(graph)
    needed = buffers(graph, selection, lives)
    packing = _Packing(
        graph,
        selection,
        needed,
        contracts(graph, selection, lives, needed),
        apart(graph, selection, lives, needed),
    )
    words = {
        size: _accesses(graph, selection, needed, size)
        for size in {room.cache_bytes for room in rooms}
    }
    # buffers leave for the last of the regions at worst: what they wait there ranks them
    last = next(room for room in reversed(rooms) if room.open)
    wanted = Wanted(needed, words[last.cache_bytes], _pinned(needed, pins))
    parts = spread(wanted, rooms, packing.pack)
    offsets = [0] * len(needed)
    arenas: list[Arena] = []
    waits = 0.0
    for room, part in zip(rooms, parts, strict=True):
        base = arenas[-1].base + arenas[-1].bytes if arenas else 0
        for j, offset in zip(part.members, part.offsets, strict=True):
            offsets[j] = base + offset
            waits += room.word_waits * words[room.cache_bytes][j]
        if part.members:
            arenas.append(Arena(room.region, base, part.bytes, part.lower_bound_bytes))
    placed = list(zip(needed, offsets, strict=True))
    state, variables = _state(graph, selection, arenas[-1].base + arenas[-1].bytes if arenas else 0)
    return Plan(
        buffers=needed,
        offsets=tuple(offsets),
        offset_of={t: offsets[j] + at for j, t, at in _within(lives)} | variables,
        scratch_of={b.scratch_of: offset for b, offset in placed if b.scratch_of is not None},
        aliased=aliased_ops(graph),
        backwards=frozenset(op for part in parts for op in part.backwards),
        arenas=tuple(arenas),
        wait_cycles=waits,
        state=state,
    )


def _state(graph: Graph, selection: Selection, base: int) -> tuple[Arena, dict[int, int]]:
    """The state, which begins at the offset ``base``, and the offsets of its tensors: variables
    one after the other, and what kernels may read behind the last."""
    found: dict[int, int] = {}
    at = base
    for variable in graph.variables:
        found |= dict.fromkeys((variable.before, variable.after), at)
        at += aligned(graph.tensors[variable.before].bytes)
    size = aligned(max(at, *_read_to(graph, selection, found), base) - base)
    return Arena("", base, size, size), found


def _within(lives: Sequence[Lifetime]) -> Iterator[tuple[int, int, int]]:
    """(number of its buffer, tensor, where in the buffer it begins) of each activation."""
    for j, life in enumerate(lives):
        for t, at in zip(life.tensors, life.at, strict=True):
            yield j, t, at


def _accesses(
    graph: Graph, selection: Selection, needed: Sequence[Buffer], cache_bytes: int
) -> tuple[float, ...]:
    """Of each buffer, of an inference, behind a cache of that size."""
    count: defaultdict[int, float] = defaultdict(float)
    scratch: dict[int, float] = {}
    for op, found in zip(graph.ops, accesses(graph, selection, cache_bytes), strict=True):
        for t, words in found.tensors.items():
            count[t] += words
        scratch[op.index] = found.scratch
    return tuple(
        sum(count[t] for t in b.tensors) if b.scratch_of is None else scratch[b.scratch_of]
        for b in needed
    )


def _pinned(needed: Sequence[Buffer], pins: Pins) -> dict[int, str]:
    """The regions of buffers that have one of their own."""
    found = {}
    for j, buffer in enumerate(needed):
        regions = pins.of(buffer.tensors, buffer.scratch_of)
        if regions:
            found[j] = regions[0]
    return found


@dataclass(frozen=True)
class _Packing:
    """Plans of some of the buffers in one region, under the contracts of those among them."""

    graph: Graph
    selection: Selection
    needed: tuple[Buffer, ...]
    permitted: tuple[Contract, ...]
    free: tuple[Overlap, ...]

    def pack(self, members: Sequence[int], capacity: int | None) -> Packed:
        number = {j: i for i, j in enumerate(members)}
        needed = tuple(self.needed[j] for j in members)
        both = (c for c in self.permitted if all(j in number for j in c.buffers))
        permitted = tuple(c.among(number) for c in both)
        free = tuple(
            Overlap(number[o.lower], number[o.upper], o.distance)
            for o in self.free
            if o.lower in number and o.upper in number
        )
        layout = _laid_out(needed, permitted, free, capacity)
        bound = layout.solution.lower_bound_bytes
        fine = tuple(c for c in permitted if ALIGNMENT % c.grain == 0)
        if fine != permitted:
            # no layout is smaller than without grains, whichever of the contracts it uses
            bound = _solved(_problem(needed, permitted, free), capacity).lower_bound_bytes
            if layout.solution.bytes > bound:
                # the alignment that a contract wants may cost more than it saves
                other = _laid_out(needed, fine, free, capacity)
                layout = min(layout, other, key=lambda found: found.solution.bytes)
        offsets = layout.solution.offsets
        over = _read_after(self.graph, self.selection, needed, offsets)
        return Packed(
            members=tuple(members),
            offsets=offsets,
            bytes=aligned(max(layout.solution.bytes, over)),
            lower_bound_bytes=aligned(bound),
            backwards=frozenset(c.op for c in layout.permitted if _backwards(c, needed, offsets)),
        )


@dataclass(frozen=True)
class _Layout:
    permitted: tuple[Contract, ...]
    solution: Solution


def _laid_out(
    needed: tuple[Buffer, ...],
    permitted: tuple[Contract, ...],
    free: tuple[Overlap, ...],
    capacity: int | None,
) -> _Layout:
    """The best layout under contracts, which has passed the independent validator."""
    problem = _problem(in_grains(needed, permitted), permitted, free)
    return _Layout(permitted, _solved(problem, capacity))


def _solved(problem: Problem, capacity: int | None) -> Solution:
    if capacity is None:
        return solve_checked(problem)
    nodes = min(_TRIAL_NODES, _TRIAL_WORK // (1 + len(problem.buffers)))
    return solve_checked(problem, capacity, nodes)


def _problem(
    needed: tuple[Buffer, ...], permitted: Sequence[Contract], free: tuple[Overlap, ...]
) -> Problem:
    return Problem(needed, (*free, *(o for contract in permitted for o in contract.overlaps)))


def _read_after(
    graph: Graph, selection: Selection, needed: Sequence[Buffer], offsets: Sequence[int]
) -> int:
    """Where the bytes end that kernels may read behind their inputs."""
    placed = {t: offset for b, offset in zip(needed, offsets, strict=True) for t in b.tensors}
    return max(_read_to(graph, selection, placed), default=0)


def _read_to(graph: Graph, selection: Selection, offset_of: Mapping[int, int]) -> Iterator[int]:
    """Where the bytes end that each op may read of and behind each of its inputs."""
    for op, chosen in zip(graph.ops, selection.chosen, strict=True):
        for t in offset_of.keys() & op.inputs:
            yield offset_of[t] + graph.tensors[t].bytes + chosen.form.reads_past_bytes


def _backwards(contract: Contract, needed: Sequence[Buffer], offsets: Sequence[int]) -> bool:
    """Whether an op's output is where only its backwards contract lets it be."""
    way = contract.backwards
    if way is None:
        return False
    x, y = way.lower, way.upper
    apart = offsets[x] + needed[x].bytes <= offsets[y] or offsets[y] + needed[y].bytes <= offsets[x]
    forth = contract.forwards
    return not apart and (forth is None or offsets[x] - offsets[y] < forth.distance)


def plan_table(table: ProblemTable, capacity: int | None, budget: int) -> Solution:
    """Place a table's buffers. The result has passed the independent validator."""
    return solve_checked(table.problem, capacity, budget)
