"""Scales of cores without a 64-bit product: two products make that of the whole multiplier.

``v6m_rescale.h`` has the arithmetic. That a multiplier and an addend give the reference's outputs,
``scales.py`` compares where outputs begin; here is why nothing else can differ.
"""

from __future__ import annotations

import re
from pathlib import Path

import z3

from fwgen.kernels.v6m import scales
from tests.proofs.solver import WIDTH, counterexample, fits, integer, number, register, wide

HEADER = Path(scales.__file__).with_name("v6m_rescale.h").read_text()
MOST_SUMS = 1 << 32 - scales.LOW_BITS


def unsigned(x: z3.BitVecRef) -> z3.BitVecRef:
    """The number that a register holds without a sign."""
    return z3.ZeroExt(WIDTH - x.size(), x)


def products() -> tuple[z3.BitVecRef, z3.BitVecRef, z3.BoolRef]:
    """Of a clamped sum and of both parts of its multiplier, and their bounds.

    That by the high part is below 2**32, as ``scales.py`` makes sure of for the greatest sum.
    """
    by_high, first = integer("by_high", 0, (1 << 32) - 1)
    by_low, second = integer("by_low", 0, (MOST_SUMS - 1) * ((1 << scales.LOW_BITS) - 1))
    return by_high, by_low, z3.And(first, second)


def test_the_header_has_the_bits() -> None:
    found = re.search(r"#define FW_V6M_LOW_BITS (\d+)", HEADER)
    assert found is not None and int(found[1]) == scales.LOW_BITS


def test_the_product_by_the_low_part_fits() -> None:
    """Without a sign; one bit more of sums, and it would not."""
    most_low = (1 << scales.LOW_BITS) - 1
    assert (MOST_SUMS - 1) * most_low < 1 << 32
    assert (2 * MOST_SUMS - 1) * most_low >= 1 << 32


def test_both_products_are_that_of_the_whole_multiplier() -> None:
    """Rounded down, in registers that wrap."""
    by_high, by_low, bounds = products()
    shifted = z3.LShR(register(by_low), z3.BitVecVal(scales.LOW_BITS, 32))
    found = register(by_high) + shifted
    whole = ((by_high << scales.LOW_BITS) + by_low) >> scales.LOW_BITS
    assert counterexample(found == register(whole), bounds) is None
    arithmetic = register(by_low) >> z3.BitVecVal(scales.LOW_BITS, 32)
    assert counterexample(register(by_high) + arithmetic == register(whole), bounds) is not None


def test_outputs_never_fall_as_sums_rise() -> None:
    """So that those between two equal outputs are equal, too: what ``scales.py`` relies on."""
    by_high, by_low, bounds = products()
    high, first = integer("high", 0, (1 << 32) - 1)
    low, second = integer("low", 0, (1 << scales.LOW_BITS) - 1)
    here = by_high + (by_low >> scales.LOW_BITS)
    after = by_high + high + (by_low + low >> scales.LOW_BITS)
    assert counterexample(here <= after, bounds, first, second) is None


def test_sums_are_clamped_without_a_branch() -> None:
    sum_ = z3.BitVec("sum", 32)
    kept = sum_ & ~(sum_ >> 31)
    assert counterexample(wide(kept) == z3.If(wide(sum_) < 0, number(0), wide(sum_))) is None


def test_the_least_output_is_added_in_the_upper_byte() -> None:
    """A sum of less than 2^32 and the least output times 2^24: the lower byte that is stored."""
    steps, bounds = integer("steps", 0, (1 << 32) - 1)
    least, limits = integer("least", -128, 127)
    moved = z3.LShR(register(steps) + register(least << 24), z3.BitVecVal(24, 32))
    expected = least + unsigned(z3.LShR(register(steps), z3.BitVecVal(24, 32)))
    stored = wide(z3.Extract(7, 0, moved))
    given = bounds, limits, fits(expected, 8)
    assert counterexample(stored == expected, *given) is None
    assert counterexample(stored == expected, bounds, limits) is not None
