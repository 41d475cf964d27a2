"""Element-wise kernels rescale as TFLM does, for all values and scales that they are taken for.

ADD and SUB of any scales, MUL, and sums by weights that the build fits to all pairs of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np
import pytest
import z3

from fwgen.kernels.elementwise import element_runs, rows, two_operands
from fwgen.kernels.elementwise.element_runs import InRuns
from fwgen.model.element import Element
from fwgen.model.fixed_point import requantize
from fwgen.ops.parts import add_sub
from fwgen.ops.parts.add_sub import FRACTION_BITS
from tests.proofs.instructions import ssat, vqadd, vqrdmulh, vqshl, vrshl
from tests.proofs.layers import SHIFTS, ZERO_POINTS, pair
from tests.proofs.reference import scaled
from tests.proofs.solver import clipped, counterexample, fits, integer, number, register

MOST_PRODUCTS = {8: 255 * 255, 16: 1 << 30}
"""Of two values of so many bits, less their zero points, in magnitude."""

MOST_OPERANDS = {
    8: 255 << FRACTION_BITS[Element.S8] - 1,
    16: 1 << 15 << FRACTION_BITS[Element.S16] - 1,
}
"""Of operands of ADD and SUB at their common scale, where each is at most a half of what it was."""


@dataclass(frozen=True)
class Lane:
    """A value of up to ``most`` in magnitude that becomes an output of some bits by a last shift.

    The sum of half a unit and the output's zero point is added before; ``saturates`` says how.
    """

    most: int
    shift: int
    bits: int
    saturates: bool


def offset(shift: int, zero_point: int | z3.BitVecRef) -> int | z3.BitVecRef:
    return (2 * zero_point + 1) << (-shift - 1)


def of_sums() -> Iterator[Lane]:
    """ADD and SUB of any scales: ``mve_rescaled_rows.h``."""
    for bits, shift in ((bits, shift) for bits in (8, 16) for shift in SHIFTS):
        zero_points = ZERO_POINTS if bits == 8 else (0,)
        scales = (1 << 30, 0), (3 << 29, -3), (3 << 29, shift)
        for zero_point in zero_points:
            node = pair("ADD", 0, zero_point, f"int{bits}")
            found = two_operands.rescaled(node, 1, scales)
            if found is not None:
                fields = dict(found[0])
                assert fields["up"] == 32 - bits + shift
                assert fields["output_offset"] == offset(shift, zero_point)
                yield Lane(2 * MOST_OPERANDS[bits], shift, bits, saturates=True)


def of_products() -> Iterator[Lane]:
    """MUL: the kernels compute what is added and the shift themselves."""
    for bits, numbers in ((8, rows.product), (16, rows.product_s16)):
        for shift in SHIFTS:
            found = numbers(pair("MUL", shift, 0, f"int{bits}"))
            if found is not None:
                assert dict(found[0])["output_shift"] == shift
                yield Lane(MOST_PRODUCTS[bits], shift, bits, saturates=False)


Kernels = Callable[[], Iterator[Lane]]


@cache
def wrong_output(lane: Lane) -> str | None:
    """A value and a zero point with another output than TFLM's; None if there are no such."""
    top = (1 << (lane.bits - 1)) - 1
    most = lane.most * ((1 << 31) - 1)
    product, any_product = integer("product", -most, most)
    least, greatest = (-128, 127) if lane.bits == 8 else (0, 0)
    zero_point, any_zero_point = integer("zero_point", least, greatest)
    lanes = vqrdmulh(register(product, 64))
    lanes = lanes + (lanes >> 31)
    added = register(number(1) * offset(lane.shift, zero_point))
    shifted = vqshl(
        vqadd(lanes, added) if lane.saturates else lanes + added, 32 - lane.bits + lane.shift
    )
    output = ssat(shifted >> 32 - lane.bits, 32)
    expected = clipped(scaled(product, -lane.shift) + zero_point, -1 - top, top)
    return counterexample(output == expected, any_product, any_zero_point)


@pytest.mark.parametrize("kernels", [of_sums, of_products])
def test_a_value_becomes_what_tflm_makes_of_it(kernels: Kernels) -> None:
    lanes = set(kernels())
    assert {lane.bits for lane in lanes} == {8, 16}
    assert len(lanes) > 40
    assert not [(lane, found) for lane in lanes if (found := wrong_output(lane))]


LOOSER = ((of_sums, two_operands), (of_products, rows))


@pytest.mark.parametrize(("kernels", "module"), LOOSER)
def test_a_larger_shift_lets_through_a_wrong_output(
    kernels: Kernels, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    proven = set(kernels())
    for each in {module, two_operands}:
        shifts = each.SHIFTS
        monkeypatch.setattr(each, "SHIFTS", range(shifts.start - 1, shifts.stop))
    assert any(wrong_output(lane) for lane in set(kernels()) - proven)


def test_the_far_operand_is_rounded_as_tflm_does() -> None:
    """Of any shift from -31 to -1, which it always has.

    It is twice as much before, or 4 times with the multiplier 2**30.
    """
    most = 2 * MOST_OPERANDS[16] << 31
    product, any_product = integer("product", -most, most)
    for e in range(1, 32):
        lanes = vqrdmulh(register(product, 64))
        claim = ssat(vrshl(lanes + (lanes >> 31), -e), 32) == scaled(product, e)
        assert counterexample(claim, any_product) is None


@pytest.mark.parametrize("bits", [8, 16])
def test_a_half_of_an_operand_is_exact(bits: int) -> None:
    """That of the greater scale, and the other one if both have one scale: by a shift of -1."""
    dtype = Element.S8 if bits == 8 else Element.S16
    most = 255 if bits == 8 else 1 << 15
    value, any_value = integer("value", -most, most)
    fraction = FRACTION_BITS[dtype]
    half = scaled(value << fraction + 30, 0)
    assert counterexample(half == value << fraction - 1, any_value) is None
    assert counterexample(scaled(value << fraction + 31, 1) == half, any_value) is None


@pytest.mark.parametrize("bits", [8, 16])
def test_operands_and_their_sum_fit(bits: int) -> None:
    first, any_first = integer("first", -MOST_OPERANDS[bits], MOST_OPERANDS[bits])
    second, any_second = integer("second", -MOST_OPERANDS[bits], MOST_OPERANDS[bits])
    assert counterexample(fits(first + second), any_first, any_second) is None


def test_values_of_kernels_that_shift_once_fit() -> None:
    """4 times each, in test_one_shift: sums by a table, and products."""
    for most in (2 * MOST_OPERANDS[8], MOST_PRODUCTS[8]):
        value, any_value = integer("value", -most, most)
        assert counterexample(fits(value << element_runs.VALUE_BITS), any_value) is None


BY_TABLE: list[InRuns] = [
    kernel
    for kernel in (row.holds.__self__ for row in element_runs.KERNELS)  # type: ignore[attr-defined]
    if kernel.kind == "sum_table"
]


@pytest.mark.parametrize("kernel", BY_TABLE, ids=lambda kernel: f"{kernel.op}-{kernel.name}")
@pytest.mark.parametrize("shift", [-5, -1, 0, 1, 4])
def test_a_table_and_a_weight_have_4_times_the_sum(kernel: InRuns, shift: int) -> None:
    """All 65,536 pairs of values, with each of the operands the near one."""
    for zero_point in ZERO_POINTS:
        node = pair(kernel.op, shift, zero_point)
        found = kernel.numbers(node)
        assert found is not None
        operands = add_sub.scales(node)[:2]
        values = np.arange(-128, 128)
        (first, second) = (
            requantize(values << FRACTION_BITS[Element.S8], *scale) for scale in operands
        )
        expected = 4 * (first[:, None] + (1 if kernel.op == "ADD" else -1) * second[None, :])
        table = found.more[0].data.astype(np.int64)  # type: ignore[union-attr]
        near = dict(found.fields)["near_weight"] * values
        sums = near[:, None] + table[values & 255][None, :]
        assert np.array_equal(sums if found.order == (0, 1) else sums.T, expected)


def weights_do_not_fit() -> str | None:
    """A weight that the DSP kernel for fitted sums takes, 256 times which does not fit."""
    limit = element_runs.WEIGHT_LIMIT
    weight, any_weight = integer("weight", -limit, limit - 1)
    return counterexample(fits(weight << 8), any_weight)


def test_a_product_of_words_and_halfwords_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """256 times a weight times 256 times a value, less 16 bits of zeros: SMLAWB, SMLAWT."""
    assert weights_do_not_fit() is None
    weight, value = z3.Ints("weight value")
    solver = z3.Solver()
    solver.add((256 * weight) * (256 * value) != 65536 * (weight * value))
    assert solver.check() == z3.unsat
    monkeypatch.setattr(element_runs, "WEIGHT_LIMIT", element_runs.WEIGHT_LIMIT + 1)
    assert weights_do_not_fit() is not None


def test_fitted_sums_are_shifted_down_and_saturated() -> None:
    """SSAT with a shift on cores without vectors; VQSHL and VSHR on MVE."""
    total = z3.BitVec("sum", 32)
    bits = two_operands.FRACTION
    expected = clipped(ssat(total, 32) >> bits, -128, 127)
    assert counterexample(ssat(total >> bits) == expected) is None
    assert counterexample(ssat(vqshl(total, 24 - bits) >> 24, 32) == expected) is None
