"""DIV: quotient with broadcasting and a fused clamp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S8_ALL, Element
from fwgen.model.fixed_point import (
    Int64Array,
    doubling_high_multiply,
    quantize_multiplier,
    reciprocal_of_one_plus,
    rounding_shift_right,
)
from fwgen.ops.parts import broadcast, by_type, checks, pairs

HEADROOM = 23, 31
"""Least and most bits by which TFLM shifts dividends to the left, the most of 0."""


RECIPROCAL_OF_0 = -1515870788
"""To which TFLM's three Newton-Raphson steps lead from 0, where they leave 32 bits."""


def factor(node: Node) -> float:
    """Real multiplier of the raw quotient. Source: TFLM ``div.cc``, in double."""
    a, b, y = node.x, node.w, node.y
    return a.scale / (b.scale * y.scale)


def check(node: Node) -> None:
    """Of int8, require that TFLM never shifts by less than 0 or more than 31 bits.

    What it gives then depends on the processor: a quotient near 0 may become 127.
    """
    broadcast.check_arithmetic(node)
    for tensor in (node.x, node.w):
        checks.require_unquantized(node, tensor)
    checks.require_divisor(node, node.w)
    if node.y.dtype is Element.S8:
        require_shifts(node)


def require_shifts(node: Node) -> None:
    digits = bits_of(np.abs(divisors(node))) - 1
    shift = quantize_multiplier(factor(node))[1]
    least, most = int(digits.min()) + HEADROOM[0], int(digits.max()) + HEADROOM[1]
    node.require(
        most - 31 <= shift <= least,
        f"By its scales DIV multiplies quotients by {factor(node):g}, expected "
        f"2**{most - 32} or more and less than 2**{least}: others TFLM shifts by more bits than "
        "a number has.",
        (
            f"give the output of DIV a scale that is 2**-{most - 32} of the dividend's by the "
            "divisor's, or a smaller one",
        ),
    )


def divisors(node: Node) -> Int64Array:
    """All that it may divide by, of int8, less the zero point."""
    data = node.w.data
    raw = Element.S8.values if data is None else data.reshape(-1).astype(np.int64)
    found: Int64Array = raw - node.w.zero_point
    return found


def bits_of(values: Int64Array) -> Int64Array:
    """How many bits numbers above 0 have."""
    found: Int64Array = np.frexp(values.astype(np.float64))[1].astype(np.int64)
    return found


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLite ``reference/div.h``, ``DivElementwise``."""
    y = node.y
    a, b = (v.astype(np.int64) - node.input(i).zero_point for i, v in enumerate(values))
    dividend, divisor = np.where(b < 0, -a, a), np.abs(b)
    zeros = 32 - bits_of(divisor)
    fraction = np.where(divisor == 0, 0, (divisor << zeros) - (1 << 31))
    reciprocal = np.where(divisor == 0, RECIPROCAL_OF_0, reciprocal_of_one_plus(fraction))
    headroom = 31 - bits_of(np.maximum(np.where(dividend < 0, ~dividend, dividend), 0.5))
    quotient = doubling_high_multiply(dividend << headroom, reciprocal)
    multiplier, shift = quantize_multiplier(factor(node))
    right = np.where(dividend == 0, 0, 31 - zeros + headroom - shift)
    scaled = rounding_shift_right(doubling_high_multiply(quotient, multiplier), right)
    return np.clip(scaled + y.zero_point, *checks.clamp_of(node)).astype(y.dtype.numpy)


def whole_quotient(a: Int64Array, b: Int64Array) -> Int64Array:
    """Cut off towards 0 as in C, saturated."""
    quotient = np.sign(a) * np.sign(b) * (np.abs(a) // np.maximum(np.abs(b), 1))
    saturated = np.clip(quotient, *Element.S32.limits)
    ends = np.where(a > 0, Element.S32.high, np.where(a < 0, Element.S32.low, 0))
    return np.where(b == 0, ends, saturated)


OPERATOR = by_type.operator(
    42,
    "DIV",
    check,
    pairs.definition(
        "DIV",
        pairs.PairKernel(
            "div_s8", S8_ALL, "fw_mul_params", pairs.rescaled_by(factor), cycles=120.0
        ),
        fold,
    ),
    pairs.whole("DIV", whole_quotient, cycles=25.0),
    pairs.real("DIV", np.divide, cycles=25.0),
    options=broadcast.read_options,
    clamps=True,
)
