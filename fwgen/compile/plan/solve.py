"""Problem -> Solution: the smallest plan that can be found, and what is proven about it.

A solution is best fit's, or better if that is above the lower bound and a search finds one. What a
search proves impossible raises the lower bound. Effort is counted in nodes, never in seconds, so
that a plan is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import gcd

import numpy as np

from fwgen.compile.plan import search_pairs as pair_search
from fwgen.compile.plan import search_skyline
from fwgen.compile.plan.bound import lower_bound_bytes
from fwgen.compile.plan.compiled_search import EXHAUSTED, INFEASIBLE, MOST_DEPTH, SOLVED, Found
from fwgen.compile.plan.greedy import best_fit, extent
from fwgen.compile.plan.problem import Overlap, Pairs, Problem

_LEAST_TRY = 200


@dataclass(frozen=True)
class Solution:
    """Offsets by buffer, where they end, and no plan ends below ``lower_bound_bytes``."""

    offsets: tuple[int, ...]
    bytes: int
    lower_bound_bytes: int
    nodes: int

    @property
    def optimal(self) -> bool:
        """Whether there is proof that no plan is smaller."""
        return self.bytes == self.lower_bound_bytes


def solve(problem: Problem, capacity: int | None = None, budget: int = 1_000_000) -> Solution:
    """A valid plan of one region, as small as ``budget`` nodes allow; any that fits ``capacity``.

    If the plan exceeds ``capacity``, there is proof that every plan does if the lower bound does.
    Fixed offsets must not contradict each other.
    """
    parts = [_SubProblem(problem, members) for members in _independent(problem)]
    parts.sort(key=lambda part: -part.low)
    goal = max([capacity or 0, *(part.low for part in parts)])
    nodes = 0
    for part in parts:
        nodes += part.shrink(goal, budget - nodes, decide=capacity is not None)
        if capacity is None:
            goal = max(goal, part.bytes)
    offsets = [0] * len(problem.buffers)
    for part in parts:
        for j, offset in zip(part.members, part.offsets, strict=True):
            offsets[j] = offset
    return Solution(
        offsets=tuple(offsets),
        bytes=extent(problem.buffers, offsets),
        lower_bound_bytes=max((part.low for part in parts), default=0),
        nodes=nodes,
    )


def _independent(problem: Problem) -> list[list[int]]:
    """The buffers by stretches of time over whose ends none lives."""
    parts: list[list[int]] = []
    end = 0
    for j in sorted(range(len(problem.buffers)), key=lambda j: (problem.buffers[j].first, j)):
        buffer = problem.buffers[j]
        if not parts or buffer.first >= end:
            parts.append([])
        parts[-1].append(j)
        end = max(end, buffer.last)
    return [sorted(part) for part in parts]


class _SubProblem:
    """Buffers that are planned together, with the best plan so far and the bound so far."""

    def __init__(self, problem: Problem, members: Sequence[int]) -> None:
        number = {j: i for i, j in enumerate(members)}
        overlaps = tuple(
            Overlap(number[o.lower], number[o.upper], o.distance)
            for o in problem.overlaps
            if o.lower in number and o.upper in number
        )
        self.members = members
        self.problem = Problem(tuple(problem.buffers[j] for j in members), overlaps)
        self.pairs = self.problem.pairs()
        self.low = lower_bound_bytes(self.problem, self.problem.sharing(self.pairs))
        self.offsets = best_fit(self.problem, self.pairs, self.low)
        self.bytes = extent(self.problem.buffers, self.offsets)
        self.step = _step(self.problem, self.pairs)

    def shrink(self, goal: int, budget: int, decide: bool) -> int:
        """Search until the plan is no larger than ``goal`` or the bound; returns nodes spent.

        ``decide``: try nothing but ``goal``.
        """
        spent, hopeless = 0, 0
        while self.bytes > max(goal, self.low) and (left := budget - spent) > 0:
            target = max(goal, self.low)
            if hopeless:
                target = max(target, hopeless + self.step)
                target += (self.bytes - self.step - target) // 2 // self.step * self.step
                if target >= self.bytes:
                    break
            found = self._attempt(target, left if decide else max(left // 2, _LEAST_TRY))
            spent += found.nodes
            if found.result == SOLVED:
                self.offsets = found.offsets
                self.bytes = extent(self.problem.buffers, found.offsets)
            else:
                hopeless = target // self.step * self.step
                if found.result == INFEASIBLE:
                    self.low = max(self.low, hopeless + self.step)
            if decide and found.result != SOLVED:
                break
        return spent

    def _attempt(self, capacity: int, budget: int) -> Found:
        """Offsets within ``capacity``, by the search that suits the problem."""
        buffers = self.problem.buffers
        if len(buffers) > MOST_DEPTH:
            return Found(EXHAUSTED, (), 0)
        plain = not self.problem.overlaps and all(b.offset is None for b in buffers)
        if plain:
            return search_skyline.search(buffers, capacity, budget)
        found = pair_search.search(self.problem, self.pairs, capacity, max(1, budget // 2))
        if found.result != EXHAUSTED or any(b.offset is not None for b in buffers):
            return found
        without = Problem(buffers)
        if lower_bound_bytes(without) > capacity:
            return found
        more = search_skyline.search(buffers, capacity, budget - found.nodes)
        result = SOLVED if more.result == SOLVED else EXHAUSTED
        return replace(more, result=result, nodes=found.nodes + more.nodes)


def _step(problem: Problem, pairs: Pairs) -> int:
    """What the end of a plan, pushed down as far as it goes, is a multiple of."""
    values = [b.bytes for b in problem.buffers] + [b.alignment for b in problem.buffers]
    values += [b.offset or 0 for b in problem.buffers]
    values += [int(np.gcd.reduce(column)) for column in (pairs.forth, pairs.back)]
    return gcd(*values)
