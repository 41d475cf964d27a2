"""Sums of int16 with weights of int8 are rescaled as TFLM does, by both of its rules.

By the rule of 64 bits one instruction does it, of MVE or of the DSP extension. By that of 32 bits
MVE is in test_vectors; the DSP extension adds to a product of 64 bits and shifts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import z3

from fwgen.kernels.matrix import halfword_weights
from fwgen.kernels.mve import rescaling_s16
from fwgen.kernels.mve.rescaling_s16 import wide_scaling
from tests.proofs.instructions import smlal, smmulr, ssat, vqrdmulh
from tests.proofs.layers import SHIFTS, dense, last
from tests.proofs.reference import scaled, scaled_wide
from tests.proofs.solver import clipped, counterexample, fits, integer, register

LOW, HIGH = -(1 << 15), (1 << 15) - 1
MOST_SUM = (1 << 31) - 1
INSTRUCTIONS = {"WIDE_SHIFTS": vqrdmulh, "DSP_SHIFTS": smmulr}
"""By the name of the shifts for which each is taken."""


@dataclass(frozen=True)
class Wide:
    """A sum of up to ``most``, a multiplier of 15 bits that is shifted ``up``, and a shift.

    ``kind`` is one of ``INSTRUCTIONS``.
    """

    kind: str
    most: int
    up: int
    shift: int


def of_64_bits(kind: str) -> Iterator[Wide]:
    one, taps, largest = np.ones(1, np.int64), np.ones((1, 1), np.int64), 0x7FFF
    most = (1 << 15) + last(lambda bias: rescaling_s16.fits(taps, bias * one), 0, 1 << 31)
    shifts = getattr(rescaling_s16, kind)
    for shift in SHIFTS:
        found = wide_scaling(taps, 0 * one, (largest << 16) * one, shift * one, shifts)
        if found is not None:
            yield Wide(kind, most, (int(found[1][0]) // largest).bit_length() - 1, shift)


@cache
def wrong_output(one: Wide) -> str | None:
    """A product of a sum and a multiplier with another output, or one that does not fit."""
    product, any_product = integer("product", -0x7FFF * one.most, 0x7FFF * one.most)
    total, any_total = integer("sum", -one.most, one.most)
    multiplier, any_multiplier = integer("multiplier", 0, 0x7FFF)
    output = ssat(INSTRUCTIONS[one.kind](register(product << one.up, 64)), 16)
    expected = clipped(scaled_wide(product, one.shift), LOW, HIGH)
    return (
        counterexample(output == expected, any_product)
        or counterexample(fits(total), any_total)
        or counterexample(fits(multiplier << one.up), any_multiplier)
    )


@pytest.mark.parametrize("kind", INSTRUCTIONS)
def test_one_instruction_rescales_as_the_rule_of_64_bits(kind: str) -> None:
    found = list(of_64_bits(kind))
    assert len(found) == 17
    assert not [(one, wrong) for one in found if (wrong := wrong_output(one))]


@pytest.mark.parametrize("kind", INSTRUCTIONS)
@pytest.mark.parametrize("ends", [(-1, 0), (0, 1)])
def test_a_looser_shift_lets_through_a_wrong_output(
    kind: str, ends: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    proven, shifts = set(of_64_bits(kind)), getattr(rescaling_s16, kind)
    looser = range(shifts.start + ends[0], shifts.stop + ends[1])
    monkeypatch.setattr(rescaling_s16, kind, looser)
    assert any(wrong_output(one) for one in set(of_64_bits(kind)) - proven)


def test_a_looser_sum_lets_through_a_wrong_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescaling_s16, "MOST_SUM", rescaling_s16.MOST_SUM + 1)
    assert wrong_output(next(of_64_bits("WIDE_SHIFTS"))) is not None


def of_32_bits() -> Iterator[tuple[int, int, int]]:
    """Shift to the right, what is added to the upper word, and the e of kernels for DSP."""
    for shift in SHIFTS:
        found = halfword_weights.parameters(dense(shift, activations="int16"))
        if found is not None:
            _, high, right = (int(word) for word in found[1][0])
            yield right, high, -shift


@cache
def wrong_narrow_output(right: int, high: int, e: int, hidden: bool) -> str | None:
    """A product with another output; ``hidden``: of outputs that are clamped at the zero point."""
    product, any_product = integer("product", -MOST_SUM * MOST_SUM, MOST_SUM * MOST_SUM)
    below = z3.Bool("below")
    signs = z3.And(z3.Implies(product < 0, below), z3.Implies(product > 0, z3.Not(below)))
    n = z3.BitVecVal(0, 32) if hidden else z3.If(below, z3.BitVecVal(1, 32), z3.BitVecVal(0, 32))
    added = z3.Concat(z3.BitVecVal(high, 32) - n, (1 << 30) + (n << 31))
    output = ssat(smlal(register(product, 64), added) >> right, 16)
    expected = clipped(scaled(product, e), LOW, HIGH)
    if hidden:
        output, expected = (clipped(each, 0, HIGH) for each in (output, expected))
    return counterexample(output == expected, any_product, signs)


def test_a_product_of_64_bits_is_rounded_twice() -> None:
    found = list(of_32_bits())
    assert len(found) == 30
    assert not [
        (each, hidden, wrong)
        for each in found
        for hidden in (False, True)
        if (wrong := wrong_narrow_output(*each, hidden))
    ]


def test_a_shift_of_1_lets_through_a_wrong_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a unit of the upper word would have to be added."""
    proven, shifts = set(of_32_bits()), halfword_weights.NARROW_SHIFTS
    monkeypatch.setattr(halfword_weights, "NARROW_SHIFTS", range(shifts.start, shifts.stop + 1))
    looser = set(of_32_bits()) - proven
    assert any(wrong_narrow_output(*each, False) for each in looser)
