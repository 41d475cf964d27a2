"""Lanes of MVE rescale as TFLM does, for all sums and scales that the kernels' conditions let
through; ``mve_requantize.h`` says how. Sums of 64 bits are in test_int16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType

import numpy as np
import pytest
import z3

from fwgen.contract.node import Node
from fwgen.kernels.depthwise import dot_products
from fwgen.kernels.depthwise.dot_products import DotKernel, Outputs
from fwgen.kernels.matrix import packing, packing_s16, products
from fwgen.kernels.matrix.packing import Scaling
from fwgen.ops.parts.checks import clamp_of
from tests.proofs.instructions import ssat, vqadd, vqdmlah_one, vqrdmulh, vrshl
from tests.proofs.layers import SHIFTS, dense, depthwise, last
from tests.proofs.reference import scaled
from tests.proofs.solver import clipped, counterexample, integer, register, wide

MOST_SUM = (1 << 31) - 1
"""Sums of TFLM are in 32 bits, and fwgen refuses those that may be -2**31."""


@dataclass(frozen=True)
class Lane:
    """The end of a kernel for outputs of ``bits``, with the shift -e.

    ``slack`` says how far below the zero point outputs of kernels without the fix-up are clamped,
    None that there is the fix-up. ``zero_points`` are the least and the greatest.
    """

    e: int
    slack: int | None
    zero_points: tuple[int, int] = (-128, 127)
    bits: int = 8


@cache
def wrong_output(lane: Lane) -> str | None:
    """A sum and a zero point with another output than TFLM's; None if there are no such."""
    top = (1 << (lane.bits - 1)) - 1
    product, any_product = integer("product", -MOST_SUM * MOST_SUM, MOST_SUM * MOST_SUM)
    zero_point, any_zero_point = integer("zero_point", *lane.zero_points)
    given = [any_product, any_zero_point]
    lanes = vqrdmulh(register(product, 64))
    if lane.slack is None:
        lanes = lanes + (lanes >> 31)
    halfword = register(ssat(vrshl(lanes, -lane.e), 16), 16)
    output = ssat(vqadd(halfword, register(zero_point, 16)), lane.bits)
    expected = clipped(scaled(product, lane.e) + zero_point, -1 - top, top)
    if lane.slack is not None:
        least, any_least = integer("least", -1 - top, top)
        given += [any_least, least >= zero_point - lane.slack]
        output, expected = (clipped(each, least, top) for each in (output, expected))
    return counterexample(output == expected, *given)


def of_matrix() -> Iterator[Lane]:
    slack = last(lambda n: products.hides_rounding(dense(-9, zero_point=5), (5 - n, 127)), -9, 99)
    for shift in SHIFTS:
        if products.holds(dense(shift)):
            yield from (Lane(-shift, slack), Lane(-shift, None))


def dot_kernels() -> list[DotKernel]:
    kernels = [row.forms.__self__ for row in dot_products.KERNELS]  # type: ignore[attr-defined]
    assert all(isinstance(kernel, DotKernel) for kernel in kernels)
    return kernels


def slack_of(outputs: Outputs) -> int | None:
    """How far below the zero point outputs of a kernel are clamped at most.

    None for kernels with the fix-up, which are for any.
    """
    if outputs is Outputs.ANY:
        return None
    found = []
    for zero_point in (-128, -127, 5):
        for activation in ("NONE", "RELU", "RELU_N1_TO_1"):
            node = depthwise(-9, zero_point=zero_point, activation=activation)
            if outputs.holds(node):
                found.append(zero_point - clamp_of(node)[0])
    return max(found)


def of_dot_products() -> Iterator[Lane]:
    """Kernels of depthwise convolutions."""
    for kernel in dot_kernels():
        for shift in SHIFTS:
            if dot_products.fits(np.array([[0], [1 << 30], [shift]]), kernel.largest_shift):
                yield Lane(-shift, slack_of(kernel.outputs))


def of_int16() -> Iterator[Lane]:
    """Products of int16 by the rule of 32 bits, whose zero points are 0."""
    for shift in SHIFTS:
        words = packing_s16.parameters(dense(shift, activations="int16"))
        if words is not None:
            yield Lane(-int(words[2][0]), None, (0, 0), 16)


Kernels = Callable[[], Iterator[Lane]]
KERNELS: tuple[Kernels, ...] = (of_matrix, of_dot_products, of_int16)


@pytest.mark.parametrize("kernels", KERNELS)
def test_a_sum_becomes_what_tflm_makes_of_it(kernels: Kernels) -> None:
    lanes = list(kernels())
    assert len(lanes) > 20
    assert not [(lane, found) for lane in lanes if (found := wrong_output(lane))]


def test_the_multiplier_takes_one_away_from_what_is_negative() -> None:
    """VQDMLAH with 1 is the fix-up in one instruction."""
    x = z3.BitVec("x", 32)
    claim = vqdmlah_one(x) == x + (x >> 31)
    assert counterexample(claim, x != z3.BitVecVal(1 << 31, 32)) is None


def unpacked(bias: tuple[int, int], bits: int) -> str | None:
    """A bias and a shift that are not what is in a word of a bias and a shift of ``bits``."""
    total, any_total = integer("bias", *bias)
    shift, any_shift = integer("shift", -31, 0)
    word = register((total << bits) + (shift & ((1 << bits) - 1)))
    claim = z3.And(wide(word >> bits) == total, wide(z3.Extract(bits - 1, 0, word)) == shift)
    return counterexample(claim, any_total, any_shift)


def biases_of_matrix() -> tuple[int, int]:
    """The least and the greatest that are packed as they are."""

    def kept(bias: int) -> bool:
        scaling = packing.short_scaling(dense(-24, bias))
        return scaling is not None and int(scaling.bias[0]) == bias

    return -last(lambda bias: kept(-bias), 0, 1 << 30), last(kept, 0, 1 << 30)


def biases_of_dot_products() -> tuple[int, int]:
    def kept(bias: int) -> bool:
        return dot_products.fits(np.array([[bias], [1 << 30], [-9]]), 0)

    return -last(lambda bias: kept(-bias), 0, 1 << 30), last(kept, 0, 1 << 30)


PACKED = ((biases_of_matrix, 8), (biases_of_dot_products, 6))


@pytest.mark.parametrize(("biases", "bits"), PACKED)
def test_a_word_holds_a_bias_and_a_shift(biases: Callable[[], tuple[int, int]], bits: int) -> None:
    assert unpacked(biases(), bits) is None


ROUNDS = property(lambda scaling: bool(np.all((scaling.shift <= 0) | (scaling.multiplier == 0))))


def with_larger_shifts(kernel: DotKernel) -> DotKernel:
    return replace(kernel, largest_shift=0)


def nearly_clamped(outputs: Outputs, node: Node) -> bool:
    """1 below the zero point."""
    return outputs is Outputs.ANY or clamp_of(node)[0] >= node.y.zero_point - 1


LOOSER: tuple[tuple[Kernels, ModuleType | type, str, object], ...] = (
    (of_matrix, Scaling, "rounds", ROUNDS),
    (of_matrix, products, "hides_rounding", lambda n, clamp: clamp[0] >= n.y.zero_point - 1),
    (of_int16, Scaling, "rounds", ROUNDS),
    (of_dot_products, Outputs, "holds", nearly_clamped),
    (
        *(of_dot_products, dot_products, "KERNELS"),
        tuple(with_larger_shifts(kernel).row for kernel in dot_kernels()),
    ),
)


@pytest.mark.parametrize(("kernels", "where", "name", "value"), LOOSER)
def test_a_looser_condition_lets_through_a_wrong_output(
    kernels: Kernels,
    where: ModuleType | type,
    name: str,
    value: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proven = set(kernels())
    monkeypatch.setattr(where, name, value)
    assert any(wrong_output(lane) for lane in set(kernels()) - proven)


@pytest.mark.parametrize(
    ("where", "name", "number"),
    [(packing, "BIAS_LIMIT", 0), (dot_products, "LARGEST_BIAS", 1)],
)
def test_a_larger_bias_is_not_what_was_packed(
    where: ModuleType, name: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, getattr(where, name) + 1)
    biases, bits = PACKED[number]
    assert unpacked(biases(), bits) is not None
