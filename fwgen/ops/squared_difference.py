"""SQUARED_DIFFERENCE: the square of a difference, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import add_sub, broadcast, by_type, checks, pairs

FRACTION_BITS = {Element.S8: 7, Element.S16: 0}
"""Of operands at their common scale: a square must stay below 2**31.

Source: TFLM ``squared_difference.cc``.
"""


def multipliers(node: Node) -> tuple[float, float, float]:
    """Real multipliers of input 1, of input 2 and of their squared difference."""
    a, b, y = node.x, node.w, node.y
    twice = 2 * max(a.scale, b.scale)
    unit = (1 << 2 * FRACTION_BITS[y.dtype]) * y.scale
    return a.scale / twice, b.scale / twice, twice * twice / unit


def check(node: Node) -> None:
    broadcast.check_shapes(node)
    if node.y.dtype in FRACTION_BITS:
        for tensor in (node.x, node.w, node.y):
            checks.require_per_tensor(node, tensor)
            checks.require_symmetric(node, tensor)
        checks.require_factors(node, multipliers(node)[2:])


def fields(node: Node) -> broadcast.ParamFields:
    scales = map(quantize_multiplier, multipliers(node))
    return add_sub.scaled_fields(node, tuple(scales), node.y.dtype.limits)


def fold(node: Node, values: Sequence[Array]) -> Array:
    y = node.y
    *operands, output = map(quantize_multiplier, multipliers(node))
    a, b = (
        requantize((v.astype(np.int64) - node.input(i).zero_point) << FRACTION_BITS[y.dtype], *of)
        for i, (v, of) in enumerate(zip(values, operands, strict=True))
    )
    return y.dtype.clamped(requantize((a - b) ** 2, *output) + y.zero_point)


def wrapped(a: Array, b: Array) -> Array:
    """Of int32, as the target does it."""
    difference = (a.astype(np.int64) - b.astype(np.int64)).astype(np.int32).astype(np.int64)
    found: Array = (difference * difference).astype(np.int32)
    return found


def squared(a: Array, b: Array) -> Array:
    with np.errstate(over="ignore"):
        difference = np.subtract(a, b)
        found: Array = difference * difference
    return found


def quantized(kernel: str, types: Types) -> by_type.Definition:
    made = pairs.PairKernel(kernel, types, "fw_add_sub_params", fields, cycles=80.0)
    return pairs.definition("SQUARED_DIFFERENCE", made, fold)


OPERATOR = by_type.operator(
    99,
    "SQUARED_DIFFERENCE",
    check,
    quantized("squared_difference_s8", S8_ALL),
    quantized("squared_difference_s16", S16_ALL),
    pairs.raw("SQUARED_DIFFERENCE", Element.S32, wrapped),
    pairs.raw("SQUARED_DIFFERENCE", Element.F32, squared),
)
