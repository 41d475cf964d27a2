"""Graph + Selection -> Plan: where each activation and each scratch buffer lies in the arena."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fwgen.alignment import ALIGNMENT, aligned
from fwgen.lifetimes import aliased_ops, lifetimes
from fwgen.model.graph import Graph
from fwgen.plan.buffers import Contract, buffers, contracts
from fwgen.plan.problem import Buffer, Problem
from fwgen.plan.solve import Solution, solve
from fwgen.plan.validate import faults
from fwgen.select import Selection

_WORK = 8_000_000
"""Nodes times buffers and pairs of them: a few seconds at most, with the compiled search."""


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
    problem = Problem(needed, tuple(o for contract in permitted for o in contract.overlaps))
    solution = place(problem)
    placed = list(zip(needed, solution.offsets, strict=True))
    return Plan(
        buffers=needed,
        offsets=solution.offsets,
        offset_of={t: offset for b, offset in placed for t in b.tensors},
        scratch_of={b.scratch_of: offset for b, offset in placed if b.scratch_of is not None},
        aliased=aliased_ops(graph),
        backwards=frozenset(c.op for c in permitted if _backwards(c, needed, solution.offsets)),
        arena_bytes=aligned(solution.bytes, ALIGNMENT),
        lower_bound_bytes=aligned(solution.lower_bound_bytes, ALIGNMENT),
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


def place(problem: Problem, capacity: int | None = None, budget: int | None = None) -> Solution:
    """Solve a problem; the result has passed the independent validator.

    ``budget`` is in nodes of the search; without one it is what takes seconds at most.
    """
    if budget is None:
        budget = _WORK // (1 + len(problem.buffers) + len(problem.pairs()))
    solution = solve(problem, capacity, budget)
    wrong = faults(problem.buffers, solution.offsets, solution.bytes, problem.overlaps)
    assert not wrong, f"the planner made an invalid plan: {wrong[0]}"
    return solution
