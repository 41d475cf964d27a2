"""The goals that kernels are chosen for: each is a value of a choice's totals, and some have a
limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import log

from fwgen import GOALS

DEFAULT_GOAL = GOALS[0]

SLOWDOWN: Mapping[str, float] = {"balanced": 1.13, "size": 2.0, "ram": 1.28}
"""By goal, times the fastest choice's cycles that it may cost, unless more is asked for.

On the MLPerf Tiny models, 1.5 times the cycles save up to 5 % of flash, and 9 times save less than
0.5 % more. Only plain C for all ops, at 25 times and above, saves another 5 %. On a Cortex-M4, 1.28
times the cycles leave ResNet-8 27 KB of arena, where 1.13 times leave it 34 KB.
"""


@dataclass(frozen=True)
class Totals:
    """What a choice for all ops costs: estimated cycles, bytes of flash, the largest peak."""

    cycles: float
    flash_bytes: int
    arena_bytes: int


Goal = Callable[[Totals], tuple[float, ...]]
"""What is to be as small as possible, in the order of importance."""


def _balance(t: Totals) -> float:
    """One per cent of cycles is worth one per cent of flash, or of the arena."""
    return log(t.cycles) + log(t.flash_bytes) + log(max(t.arena_bytes, 1))


GOAL_OF: Mapping[str, Goal] = {
    "balanced": lambda t: (_balance(t),),
    "speed": lambda t: (t.cycles, t.flash_bytes, t.arena_bytes),
    "size": lambda t: (t.flash_bytes, t.cycles, t.arena_bytes),
    "ram": lambda t: (t.arena_bytes, _balance(t)),
}


def within(most_cycles: float, goal: Goal) -> Goal:
    """The goal, once no more than ``most_cycles`` are taken."""
    return lambda t: (max(t.cycles, most_cycles), *goal(t))


def weighted(flash: float) -> Goal:
    """One per cent of flash is worth ``flash`` per cent of cycles."""
    return lambda t: (log(t.cycles) + flash * log(t.flash_bytes), t.arena_bytes)


STEPS: Mapping[str, tuple[Goal, ...]] = {
    # the smallest arena may be too slow where flash has a say, and large in flash where not
    "ram": (GOAL_OF["balanced"], GOAL_OF["speed"]),
}
"""By goal, those that are searched for under smaller and smaller limits of the arena."""

STARTS: Mapping[str, tuple[Goal, ...]] = {
    # one change at a time does not find the way past kernels that several ops share
    "size": (GOAL_OF["balanced"], *map(weighted, (2.0, 8.0, 16.0, 32.0))),
}
"""By goal, those whose choices the search begins with as well."""
