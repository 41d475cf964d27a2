"""Remedies for a program that does not fit its board: other goals, which are compiled to see
whether they would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, inf

from fwgen import GOALS
from fwgen.board.core_counters import require_countable
from fwgen.compile.lower.fit import Shortage, biggest, shortages, total
from fwgen.compile.lower.program import Program
from fwgen.compile.request import Request
from fwgen.compile.trials import has_room_for_interface
from fwgen.errors import DoesNotFit


def require_room(program: Program, compiled: Callable[[Request], Program]) -> None:
    """Raise DoesNotFit if the program exceeds the board's memories; says which goal would not.
    Raise UsageError if an inference is longer than the board's counter can count.

    ``compiled`` makes a program of the same model for another request.
    """
    lacking = shortages(program)
    if not lacking:
        require_countable(program.board, program.expected_cycles + program.wait_cycles)
        return
    others = _for_other_goals(program, lacking, compiled)
    what = "; ".join(map(str, lacking))
    tries = [*(biggest(program, each) for each in lacking)]
    fitting = [other for other in others if not shortages(other)]
    if not fitting:
        least = (_least([program, *others], each) for each in lacking)
        what += f". No goal of --optimize makes it fit: {', '.join(least)}"
    else:
        tries.insert(0, _instead(program, fitting, lacking))
    tries.append(f"a board with more memory than {program.board.name} (fwgen boards)")
    at = f"board {program.board.name}"
    raise DoesNotFit(f"{what[0].upper()}{what[1:]}.", at=at, tries=tuple(tries))


def _for_other_goals(
    program: Program, lacking: Sequence[Shortage], compiled: Callable[[Request], Program]
) -> list[Program]:
    """Programs for all other goals, and for the smallest at any price, if they could need less."""
    if not any(_goal_matters(program, each) for each in lacking):
        return []
    asked = program.request
    goals: list[tuple[str, float | None]] = [(goal, None) for goal in GOALS if goal != asked.goal]
    goals += [("size", inf)] * (asked.slowdown is None)
    return [compiled(replace(asked, goal=goal, slowdown=slowdown)) for goal, slowdown in goals]


def _goal_matters(program: Program, lacking: Shortage) -> bool:
    """Whether other kernels could need less of the regions: not than the interface as a whole."""
    graph = program.graph
    if "arena" in lacking.needed and len(program.plan.arenas) == 1:
        given = 0 if program.request.fed else graph.input_bytes
        return max(given, graph.output_bytes) <= lacking.bytes
    if {"arena", "weights"}.isdisjoint(lacking.needed):
        return False
    return has_room_for_interface(graph, program.request)


def _instead(program: Program, fitting: Sequence[Program], lacking: Sequence[Shortage]) -> str:
    """What the fastest of the programs that fit needs, and costs."""
    other = min(fitting, key=lambda p: p.expected_cycles)
    needs = " and ".join(
        f"{total(other, each.regions):,} bytes of {each.names}" for each in lacking
    )
    change = other.expected_cycles / max(program.expected_cycles, 1) - 1
    how = f"--optimize {other.goal}"
    if other.request.slowdown is not None:
        how += f" --max-slowdown {ceil(other.expected_cycles / max(other.fastest_cycles, 1))}"
    return f"{how}, which needs {needs}, at {change:+.1%} estimated cycles"


def _least(programs: Sequence[Program], lacking: Shortage) -> str:
    """Which of the programs needs least of a region."""
    needs = [(total(p, lacking.regions), p.goal) for p in programs]
    needed, goal = min(needs, key=lambda pair: pair[0])
    return f"{lacking.names} would need {needed:,} bytes at least ({goal})"
