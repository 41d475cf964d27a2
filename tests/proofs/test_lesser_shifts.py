"""A scale with a lesser shift gives the same outputs for all sums if it does at thresholds.

First that outputs never fall as sums rise, for every multiplier that is not negative. Then that two
such functions are equal which are at both ends and around each threshold. Last that ``with_shift``
looks there: with each pair of functions on a few sums, in the place of the rounding of TFLM.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np
import pytest
import z3

from fwgen.kernels.matrix import lesser_shifts
from tests.proofs.reference import scaled
from tests.proofs.solver import counterexample, integer


def test_outputs_never_fall_as_sums_rise() -> None:
    """Products of a multiplier that is not negative are in the order of the sums."""
    lesser, any_lesser = integer("lesser", -(1 << 62), 1 << 62)
    greater, any_greater = integer("greater", -(1 << 62), 1 << 62)
    for e in range(32):
        claim = scaled(lesser, e) <= scaled(greater, e)
        assert counterexample(claim, any_lesser, any_greater, lesser <= greater) is None


CONDITIONS = ("first", "last", "at", "before")


def outputs_differ(conditions: tuple[str, ...]) -> bool:
    """Whether two functions that do not fall can differ at a sum, under some conditions.

    ``at`` and ``after`` are the thresholds of the first function's output of that sum, and of the
    next output. The functions are given at the sums of which the argument speaks.
    """
    least, most, total, at, after = z3.Ints("least most total at after")
    f, g = (z3.Function(name, z3.IntSort(), z3.IntSort()) for name in "fg")
    solver = z3.Solver()
    solver.set("timeout", 20_000)
    sums = [least, most, total, at, after, at - 1, after - 1]
    for h in (f, g):
        for a in sums:
            solver.add(*(z3.Implies(a <= b, h(a) <= h(b)) for b in sums))
    solver.add(least <= total, total <= most)
    rises, goes_on = f(total) > f(least), f(total) < f(most)
    # each is a threshold: the least sum with an output, which is no end of the sums
    solver.add(z3.Implies(rises, z3.And(least < at, at <= most, f(at) >= f(total))))
    solver.add(z3.Implies(rises, f(at - 1) < f(total)))
    solver.add(z3.Implies(goes_on, z3.And(least < after, after <= most, f(after) > f(total))))
    solver.add(z3.Implies(goes_on, f(after - 1) <= f(total)))
    found = {
        "first": f(least) == g(least),
        "last": f(most) == g(most),
        "at": z3.Implies(rises, g(at) >= f(total)),
        "before": z3.Implies(goes_on, g(after - 1) <= f(total)),
    }
    solver.add(*(found[name] for name in conditions))
    solver.add(f(total) != g(total))
    answer = solver.check()
    assert answer != z3.unknown
    return bool(answer == z3.sat)


def test_what_is_equal_around_thresholds_is_equal() -> None:
    assert not outputs_differ(CONDITIONS)


@pytest.mark.parametrize("left_out", CONDITIONS)
def test_no_condition_is_too_much(left_out: str) -> None:
    assert outputs_differ(tuple(name for name in CONDITIONS if name != left_out))


SUMS, OUTPUTS = 5, 4
FUNCTIONS = [np.array(f) for f in combinations_with_replacement(range(OUTPUTS), SUMS)]
FIRST = -2
"""The first sum."""


def taken() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All pairs of functions that do not fall, of which ``with_shift`` takes the second."""
    for f in FUNCTIONS:
        for g in FUNCTIONS:

            def rescaled(a: np.ndarray, multiplier: int, shift: int) -> np.ndarray:
                return (f if shift == -17 else g)[a - FIRST]  # noqa: B023 called at once

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(lesser_shifts, "requantize", rescaled)
                found = lesser_shifts.with_shift(1 << 30, -17, -16, (FIRST, FIRST + SUMS - 1))
            if found is not None:
                yield f, g


def test_with_shift_takes_just_what_is_equal() -> None:
    pairs = list(taken())
    assert len(pairs) == len(FUNCTIONS)
    assert all(np.array_equal(f, g) for f, g in pairs)
