"""Problem -> Solution that the validator has passed: the only way to a plan."""

from __future__ import annotations

from fwgen.compile.plan.problem import Problem
from fwgen.compile.plan.solve import Solution, solve
from fwgen.compile.plan.validate import faults

_WORK = 8_000_000
"""Nodes times buffers and pairs of them: a few seconds at most, with the compiled search."""


def solve_checked(
    problem: Problem, capacity: int | None = None, budget: int | None = None
) -> Solution:
    """What ``solve`` finds within ``budget`` nodes, by default as many as take a few seconds."""
    if budget is None:
        budget = _WORK // (1 + len(problem.buffers) + len(problem.pairs()))
    solution = solve(problem, capacity, budget)
    wrong = faults(problem.buffers, solution.offsets, solution.bytes, problem.overlaps)
    assert not wrong, f"the planner made an invalid plan: {wrong[0]}"
    return solution
