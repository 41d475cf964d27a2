"""Graph + Selection -> Plan: where each activation and each scratch buffer lies in the arena."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fwgen.alignment import ALIGNMENT, aligned
from fwgen.lifetimes import aliased_ops, lifetimes
from fwgen.model.graph import Graph
from fwgen.plan.buffers import Contract, buffers, contracts, in_grains
from fwgen.plan.checked import solve_checked
from fwgen.plan.problem import Buffer, Problem
from fwgen.plan.solve import Solution
from fwgen.plan.table import Table
from fwgen.select import Selection


@dataclass(frozen=True)
class Plan:
    """The arena: ``offset_of[t]`` of each activation, ``scratch_of[op]`` of each op with scratch.

    No plan needs less than ``lower_bound_bytes``; where ``arena_bytes`` equals it the plan is
    proven optimal. Ops in ``aliased`` move no data: output and input share memory. Those in
    ``backwards`` must go from the last byte to the first, as output and input overlap that way.
    """

    buffers: tuple[Buffer, ...]
    offsets: tuple[int, ...]
    offset_of: Mapping[int, int]
    scratch_of: Mapping[int, int]
    aliased: frozenset[int]
    backwards: frozenset[int]
    arena_bytes: int
    lower_bound_bytes: int

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


def plan(graph: Graph, selection: Selection) -> Plan:
    """Lay out the arena. The result has passed the independent validator."""
    lives = lifetimes(graph)
    needed = buffers(graph, selection, lives)
    permitted = contracts(graph, selection, lives, needed)
    layout = _laid_out(needed, permitted)
    bound = layout.solution.lower_bound_bytes
    fine = tuple(c for c in permitted if ALIGNMENT % c.grain == 0)
    if fine != permitted:
        # no layout is smaller than without grains, whichever of the contracts it uses
        bound = solve_checked(_problem(needed, permitted)).lower_bound_bytes
        if layout.solution.bytes > bound:
            # the alignment that a contract wants may cost more than it saves
            layout = min(layout, _laid_out(needed, fine), key=lambda found: found.solution.bytes)
    offsets = layout.solution.offsets
    over = _read_after(graph, selection, needed, offsets)
    placed = list(zip(needed, offsets, strict=True))
    return Plan(
        buffers=needed,
        offsets=offsets,
        offset_of={t: offset for b, offset in placed for t in b.tensors},
        scratch_of={b.scratch_of: offset for b, offset in placed if b.scratch_of is not None},
        aliased=aliased_ops(graph),
        backwards=frozenset(c.op for c in layout.permitted if _backwards(c, needed, offsets)),
        arena_bytes=aligned(max(layout.solution.bytes, over)),
        lower_bound_bytes=aligned(bound),
    )


@dataclass(frozen=True)
class _Layout:
    permitted: tuple[Contract, ...]
    solution: Solution


def _laid_out(needed: tuple[Buffer, ...], permitted: tuple[Contract, ...]) -> _Layout:
    """The best layout under contracts, which has passed the independent validator."""
    problem = _problem(in_grains(needed, permitted), permitted)
    return _Layout(permitted, solve_checked(problem))


def _problem(needed: tuple[Buffer, ...], permitted: Sequence[Contract]) -> Problem:
    return Problem(needed, tuple(o for contract in permitted for o in contract.overlaps))


def _read_after(
    graph: Graph, selection: Selection, needed: Sequence[Buffer], offsets: Sequence[int]
) -> int:
    """Where the bytes end that kernels may read behind their inputs."""
    ends = {
        t: offset + b.bytes for b, offset in zip(needed, offsets, strict=True) for t in b.tensors
    }
    return max(
        (
            ends.get(t, 0) + chosen.form.over_bytes
            for op, chosen in zip(graph.ops, selection.chosen, strict=True)
            for t in op.inputs
        ),
        default=0,
    )


def _backwards(contract: Contract, needed: Sequence[Buffer], offsets: Sequence[int]) -> bool:
    """Whether an op's output is where only its backwards contract lets it be."""
    way = contract.backwards
    if way is None:
        return False
    x, y = way.lower, way.upper
    apart = offsets[x] + needed[x].bytes <= offsets[y] or offsets[y] + needed[y].bytes <= offsets[x]
    forth = contract.forwards
    return not apart and (forth is None or offsets[x] - offsets[y] < forth.distance)


def plan_table(table: Table, capacity: int | None, budget: int) -> Solution:
    """Place a table's buffers. The result has passed the independent validator."""
    return solve_checked(table.problem, capacity, budget)
