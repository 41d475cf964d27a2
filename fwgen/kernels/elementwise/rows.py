"""Rows of ADD, SUB, MUL, PRELU, SQUARED_DIFFERENCE, MINIMUM and MAXIMUM on MVE.

Those for cores without vectors are in ``element_runs.py`` and ``clamped_runs.py``.
"""

from __future__ import annotations

from collections.abc import Iterator

from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.kernels.elementwise import clamped_runs, element_runs, two_operands
from fwgen.kernels.elementwise.two_operands import SHIFTS, Elementwise
from fwgen.model.element import S16_ALL
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops import prelu, squared_difference
from fwgen.ops.mul import factor
from fwgen.ops.parts import add_sub


def product(node: Node) -> two_operands.Numbers | None:
    a, b, y = node.x, node.w, node.y
    multiplier, shift = quantize_multiplier(factor(node))
    if shift not in SHIFTS:
        return None
    fields = (
        ("input1_zero_point", a.zero_point),
        ("input2_zero_point", b.zero_point),
        ("output_zero_point", y.zero_point),
        ("output_multiplier", multiplier),
        ("output_shift", shift),
    )
    return fields, (0, 1)


def product_s16(node: Node) -> two_operands.Numbers | None:
    multiplier, shift = quantize_multiplier(factor(node))
    if shift not in SHIFTS:
        return None
    return (("output_multiplier", multiplier), ("output_shift", shift)), (0, 1)


def _shifts(name: str, factor: float) -> two_operands.Fields:
    """The multiplier of a real factor, and its shift to the left before it or right after it."""
    multiplier, shift = quantize_multiplier(factor)
    return (
        (f"{name}_left", max(shift, 0)),
        (f"{name}_multiplier", multiplier),
        (f"{name}_right", min(shift, 0)),
    )


def _zero_points(node: Node) -> two_operands.Fields:
    points = node.x.zero_point, node.w.zero_point, node.y.zero_point
    names = "input1_zero_point", "input2_zero_point", "output_zero_point"
    return tuple(zip(names, points, strict=True))


MOST_LEFT = {"above": 21, "below": 14}
"""Shifts to the left with which PRELU's values and products with slopes stay below 2**30."""


def _sloped(node: Node) -> two_operands.Numbers | None:
    above, below = prelu.factors(node)
    fields = (*_zero_points(node), *_shifts("above", above), *_shifts("below", below))
    found = dict(fields)
    if any(found[f"{name}_left"] > most for name, most in MOST_LEFT.items()):
        return None
    return fields, (0, 1)


def _squared(node: Node) -> two_operands.Numbers | None:
    """None if the square is shifted out of 32 bits, which the reference lets it."""
    fields = _zero_points(node)
    names = "input1", "input2", "output"
    for name, real in zip(names, squared_difference.multipliers(node), strict=True):
        found = _shifts(name, real)
        if found[0][1] and name == "output":
            return None
        fields += found if name == "output" else found[1:]
    return fields, (0, 1)


def _nothing(node: Node) -> two_operands.Numbers:
    return (), (0, 1)


def _sums(op: str, sign: int) -> Iterator[Kernel]:
    """The rows of ADD (``sign`` 1) or SUB (-1)."""

    def every_pair(node: Node) -> two_operands.Int64Array:
        return add_sub.result(node, sign, two_operands.FIRST, two_operands.SECOND)

    yield two_operands.fitted_sum(op, every_pair)
    yield from two_operands.rescaled_sums(op, add_sub.scales, sign)


KERNELS = (
    *_sums("ADD", 1),
    *_sums("SUB", -1),
    Elementwise("MUL", "mul_s8_mve", "fw_mul_s8_mve_params", 45.0, product).row,
    Elementwise("MUL", "mul_s16_mve", "fw_mul_s16_mve_params", 45.0, product_s16, S16_ALL).row,
    Elementwise("PRELU", "prelu_s8_mve", "fw_prelu_s8_mve_params", 128.0, _sloped).row,
    Elementwise(
        "SQUARED_DIFFERENCE",
        "squared_difference_s8_mve",
        "fw_squared_difference_s8_mve_params",
        140.0,
        _squared,
    ).row,
    Elementwise("MINIMUM", "minimum_s16_mve", "", 14.0, _nothing, S16_ALL).row,
    Elementwise("MAXIMUM", "maximum_s16_mve", "", 14.0, _nothing, S16_ALL).row,
    Elementwise("MINIMUM", "minimum_s8_mve", "", 7.0, _nothing).row,
    Elementwise("MAXIMUM", "maximum_s8_mve", "", 7.0, _nothing).row,
    *element_runs.KERNELS,
    *clamped_runs.KERNELS,
)
