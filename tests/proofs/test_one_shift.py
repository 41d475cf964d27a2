"""One shift rounds as TFLM does, for all scales and sums that the kernels' conditions let through.

The conditions are not copied: layers are given to the product, to see which it takes. Each is as
wide as it can be: one that lets through a little more lets through a wrong output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

import numpy as np
import pytest
import z3

import fwgen.kernels
from fwgen.contract.node import Node
from fwgen.kernels.depthwise import channel_planes, halfword_records
from fwgen.kernels.depthwise.halfword_records import Channels, channels_of, factors_of, scale_of
from fwgen.kernels.dsp import one_shift
from fwgen.kernels.elementwise import element_runs
from fwgen.kernels.matrix import (
    byte_weights,
    nibble_pairs,
    paired_bytes,
    products,
    transformed_weights,
)
from fwgen.kernels.matrix.packing import Scaling
from tests.proofs.instructions import smmla, ssat
from tests.proofs.layers import SHIFTS, ZERO_POINTS, Layer, dense, depthwise, last, sums
from tests.proofs.reference import scaled
from tests.proofs.solver import clipped, counterexample, fits, integer, register


@dataclass(frozen=True)
class Ending:
    """The end of a kernel that has 2**bits times a sum from ``low`` to ``high``, with a shift -e.

    ``shows`` says whether there is a kernel for outputs that are not clamped at the zero point,
    ``halfwords`` whether 2**bits times a weight is in a halfword.
    """

    bits: int
    e: int
    low: int
    high: int
    shows: bool = True
    halfwords: bool = False


Constants = Callable[[Node], np.ndarray | None]
"""Multiplier, addend and shift as they are packed; None if the product does not take the layer."""


def exponents(constants: Constants, layer: Layer, bits: int) -> set[int]:
    """The e of all layers that the product takes, whose constants are those of ``one_shift``."""
    asked = ((s, z, constants(layer(s, zero_point=z))) for s in SHIFTS for z in ZERO_POINTS)
    return {exponent(words, bits, z) for _, z, words in asked if words is not None}


def exponent(words: np.ndarray, bits: int, zero_point: int) -> int:
    e = int(words[2]) - one_shift.right(bits, 0)
    expected = one_shift.addend(bits, e, zero_point)
    assert (int(words[1]) - expected) % (1 << 32) == 0
    return e


def by_paired_bytes() -> Iterator[Ending]:
    def constants(node: Node) -> np.ndarray | None:
        return paired_bytes.constants_of(node)[1][0] if paired_bytes.holds(node) else None

    row = (127,) * 512  # with less, a bias leaves its own limits before a sum does
    low, high = sums(lambda bias: paired_bytes.holds(dense(-16, bias, weights=row)), sum(row))
    for e in exponents(constants, dense, paired_bytes.SUM_BITS):
        yield Ending(paired_bytes.SUM_BITS, e, low, high)


def by_bytes() -> Iterator[Ending]:
    def constants(node: Node) -> np.ndarray | None:
        return byte_weights.pack(node).data[0][-6:-3] if byte_weights.holds(node) else None

    low, high = sums(lambda bias: byte_weights.holds(dense(-16, bias)))
    for e in exponents(constants, dense, byte_weights.SUM_BITS):
        yield Ending(byte_weights.SUM_BITS, e, low, high)


def by_nibbles() -> Iterator[Ending]:
    """After the sums of a pair of channels have been taken apart."""

    def constants(node: Node) -> np.ndarray | None:
        return nibble_pairs.scales_of(node)[0] if nibble_pairs.holds(node) else None

    low, high = sums(lambda bias: nibble_pairs.holds(dense(-16, bias)))
    for e in exponents(constants, dense, paired_bytes.SUM_BITS):
        yield Ending(paired_bytes.SUM_BITS, e, low, high)


def nibble_sums_that_do_not_fit() -> str | None:
    """4096 times a sum that is taken, which does not fit."""
    ending = next(by_nibbles())
    total, any_total = integer("sum", ending.low, ending.high)
    return counterexample(fits(total << 12), any_total)


def test_sums_of_pairs_of_nibbles_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert nibble_sums_that_do_not_fit() is None
    monkeypatch.setattr(nibble_pairs, "SUM_LIMIT", nibble_pairs.SUM_LIMIT + 1)
    assert nibble_sums_that_do_not_fit() is not None


def by_winograd() -> Iterator[Ending]:
    def constants(node: Node) -> np.ndarray | None:
        return transformed_weights.constants_of(node)[0] if holds(node) else None

    holds = transformed_weights.holds
    low, high = sums(lambda bias: holds(dense(-22, bias)))
    for e in exponents(constants, dense, transformed_weights.SUM_BITS):
        yield Ending(transformed_weights.SUM_BITS, e, low, high)


def by_halfwords() -> Iterator[Ending]:
    def taken(node: Node) -> Channels | None:
        channels = channels_of(node)  # without taps where it is not taken as it is
        return channels if channels is not None and channels.taps.any() else None

    def constants(node: Node) -> np.ndarray | None:
        channels = taken(node)
        return None if channels is None else scale_of(channels, node.y.zero_point, False)[0]

    low, high = sums(lambda bias: taken(depthwise(-22, bias)) is not None)
    for e in exponents(constants, depthwise, halfword_records.SUM_BITS):
        yield Ending(halfword_records.SUM_BITS, e, low, high, halfwords=True)


def by_halfwords_of_one_shift() -> Iterator[Ending]:
    def channels(e: int, low: int = 0, high: int = 0) -> Channels:
        one = np.ones(1, np.int64)
        return Channels(
            np.ones((1, 1, 1), np.int64), one, one << 30, e * one, low * one, high * one
        )

    for e in range(23):
        if channels(e).alike:
            most = 1 << 40
            low = -last(lambda n, e=e: channels(e, low=-n).alike, 0, most)  # type: ignore[misc]
            high = last(lambda n, e=e: channels(e, high=n).alike, 0, most)  # type: ignore[misc]
            bits = int(factors_of(channels(e), True)[0]).bit_length() - 1
            for zero_point in ZERO_POINTS:
                assert exponent(scale_of(channels(e), zero_point, True)[0], bits, zero_point) == e
            yield Ending(bits, e, low, high, shows=False, halfwords=True)


def of_elements() -> Iterator[Ending]:
    """Four times a value is any of 32 bits: those of the kernels are in test_elements."""
    for shift in SHIFTS:
        fields = element_runs.rescaling(1 << 30, shift, 0)
        if fields is not None:
            words = np.array([value for _, value in fields])
            yield Ending(
                element_runs.VALUE_BITS,
                exponent(words, element_runs.VALUE_BITS, 0),
                -1 << 29,
                (1 << 29) - 1,
            )


Kernels = Callable[[], Iterator[Ending]]
KERNELS: tuple[Kernels, ...] = (
    by_paired_bytes,
    by_bytes,
    by_nibbles,
    by_winograd,
    by_halfwords,
    by_halfwords_of_one_shift,
    of_elements,
)


def test_all_kernels_that_end_in_one_shift_are_proven() -> None:
    """Modules with conditions and constants of such kernels have an ending here."""
    folder = Path(fwgen.kernels.__file__).parent
    found = {path for path in folder.rglob("*.py") if "import one_shift" in path.read_text()}
    proven = {
        paired_bytes,
        nibble_pairs,
        byte_weights,
        transformed_weights,
        halfword_records,
        element_runs,
    }
    left = found - {Path(str(module.__file__)) for module in proven}
    assert not left, f"no proof of {sorted(left)}: add its endings to KERNELS"


def slack_of_hiding() -> int:
    """How far below the zero point outputs are clamped, at most, by kernels without the fix-up."""
    node = dense(-9, zero_point=5)
    return last(lambda n: products.hides_rounding(node, (5 - n, 127)), -10, 100)


@cache
def wrong_output(ending: Ending, slack: int | None) -> str | None:
    """A sum and a zero point with another output than TFLM's; None if there are no such.

    Of kernels with the fix-up, or of those without, with a ``slack``.
    """
    product, any_product = integer("product", ending.low << 31, ending.high << 31)
    zero_point, any_zero_point = integer("zero_point", -128, 127)
    expected = clipped(scaled(product, ending.e) + zero_point, -128, 127)
    added = one_shift.addend(ending.bits, ending.e, register(zero_point))
    given = [any_product, any_zero_point]
    if slack is None:
        # the sum has the sign of the product; a product of 0 is also that of any sum with 0
        below = z3.Bool("below")
        given += [z3.Implies(product < 0, below), z3.Implies(product > 0, z3.Not(below))]
        added -= z3.If(below, z3.BitVecVal(1 << ending.bits >> 1, 32), z3.BitVecVal(0, 32))
    upper = smmla(register(product << ending.bits, 64), added)
    output = ssat(upper >> one_shift.right(ending.bits, ending.e))
    if slack is not None:
        least, any_least = integer("least", -128, 127)
        given += [any_least, least >= zero_point - slack]
        output, expected = (clipped(each, least, 127) for each in (output, expected))
    return counterexample(output == expected, *given)


def failures(ending: Ending) -> Iterator[str]:
    """What is false of an ending, with values for which it is."""
    alike = replace(ending, halfwords=False)
    yield from filter(None, [wrong_output(alike, slack_of_hiding())])
    if ending.shows:
        yield from filter(None, [wrong_output(alike, None)])
    total, any_total = integer("sum", ending.low, ending.high)
    yield from filter(None, [counterexample(fits(total << ending.bits), any_total)])
    if ending.halfwords:
        weight, any_weight = integer("weight", -128, 127)
        yield from filter(None, [counterexample(fits(weight << ending.bits, 16), any_weight)])


@pytest.mark.parametrize("kernels", KERNELS)
def test_a_sum_becomes_what_tflm_makes_of_it(kernels: Kernels) -> None:
    endings = list(kernels())
    assert len(endings) > 5
    assert not [failure for ending in endings for failure in failures(ending)]


ROUNDS = property(lambda scaling: bool(np.all((scaling.shift <= 0) | (scaling.multiplier == 0))))
NEARER = cast(property, Channels.alike).fget
ALIKE = property(lambda c: NEARER and NEARER(replace(c, low=c.low + 1, high=c.high - 1)))
HALFWORDS = halfword_records
LOOSER: tuple[tuple[Kernels, ModuleType | type, str, object], ...] = (
    (by_paired_bytes, paired_bytes, "MOST_SHIFT", paired_bytes.MOST_SHIFT + 1),
    (by_paired_bytes, paired_bytes, "SUM_LIMIT", paired_bytes.SUM_LIMIT + 1),
    (by_paired_bytes, Scaling, "rounds", ROUNDS),
    (by_paired_bytes, products, "hides_rounding", lambda n, clamp: clamp[0] >= n.y.zero_point - 1),
    (by_bytes, byte_weights, "MOST_SHIFT", byte_weights.MOST_SHIFT + 1),
    (by_bytes, byte_weights, "SUM_LIMIT", byte_weights.SUM_LIMIT + 1),
    (by_bytes, Scaling, "rounds", ROUNDS),
    (by_nibbles, nibble_pairs, "MOST_SHIFT", nibble_pairs.MOST_SHIFT + 1),
    (by_winograd, transformed_weights, "MOST_SHIFT", transformed_weights.MOST_SHIFT + 1),
    (by_winograd, transformed_weights, "SUM_LIMIT", transformed_weights.SUM_LIMIT + 1),
    (by_halfwords, HALFWORDS, "MOST_SHIFT", HALFWORDS.MOST_SHIFT + 1),
    (by_halfwords, HALFWORDS, "LEAST_SHIFT", HALFWORDS.LEAST_SHIFT - 1),
    (by_halfwords, HALFWORDS, "SUM_LIMIT", HALFWORDS.SUM_LIMIT + 1),
    (by_halfwords_of_one_shift, HALFWORDS, "ALIKE_EXPONENTS", range(4, 12)),
    (by_halfwords_of_one_shift, HALFWORDS, "ALIKE_EXPONENTS", range(5, 13)),
    (by_halfwords_of_one_shift, Channels, "alike", ALIKE),
    (of_elements, element_runs, "SHIFTS", range(-23, 0)),
    (of_elements, element_runs, "SHIFTS", range(-22, 1)),
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
    more = set(kernels()) - proven or proven
    assert any(True for ending in more for _ in failures(ending))


def test_depthwise_kernels_hide_rounding_only_where_they_may() -> None:
    """RELU clamps at the zero point, where it may be hidden; RELU_N1_TO_1 here 1 below it."""
    for activation, hidden in (("RELU", True), ("RELU6", True), ("RELU_N1_TO_1", False)):
        node = depthwise(-9, zero_point=5, activation=activation)
        assert channel_planes.hides_rounding(node) == hidden
