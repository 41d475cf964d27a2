"""RSQRT: 1 / sqrt(x), the greatest number for an x that is not positive."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S16_ALL
from fwgen.model.fixed_point import Int64Array, inverse_sqrt, quantize_multiplier, requantize
from fwgen.model.graph import Tensor
from fwgen.ops.parts import by_type, reals, value_table
from fwgen.ops.parts.by_type import Definition
from fwgen.ops.parts.overlap import in_place

FRACTION_BITS = 20
"""Of 1 / sqrt(x) as an integer."""

SHIFTS = range(-31, 31)
"""Of the multiplier that brings it to the scale of the output."""


def factor(x: Tensor, y: Tensor) -> float:
    """Real multiplier of 1 / sqrt(raw x). Source: TFLM ``elementwise.cc``, in double."""
    return 1.0 / (math.sqrt(x.scale) * y.scale)


def check(node: Node) -> None:
    value_table.check(node)
    real = factor(node.x, node.y)
    node.require(
        quantize_multiplier(real)[1] - FRACTION_BITS in SHIFTS,
        f"By its scales RSQRT multiplies by {real:g}, expected 2**-12 to 2**50.",
    )


def result(node: Node, raw: Int64Array) -> Int64Array:
    """The output before it is clamped, for raw values of the input.

    TFLM takes 0 for close to it; on numbers below, where it stops with an error, so does fwgen.
    Source: TFLM ``elementwise.cc``, ``RsqrtEvalQuantized``.
    """
    x, y = node.x, node.y
    values = raw - x.zero_point
    roots, shifts = inverse_sqrt(np.maximum(values, 1))
    fine = requantize(np.ones_like(values), roots, shifts + FRACTION_BITS)
    multiplier, shift = quantize_multiplier(factor(x, y))
    scaled = requantize(fine, multiplier, shift - FRACTION_BITS) + y.zero_point
    return np.where(values <= 0, y.dtype.high, scaled)


def entries(node: Node) -> value_table.Entries:
    return node.y.dtype.clamped(result(node, value_table.VALUES))


def calls(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    multiplier, shift = quantize_multiplier(factor(x, y))
    fields = (
        ("elements", x.elements),
        ("multiplier", multiplier),
        ("shift", shift - FRACTION_BITS),
    )
    params = Params("fw_rsqrt_s16_params", fields)
    return (Call("fw_rsqrt_s16", (params, Ref(x.index), Ref(y.index))),)


def cost(node: Node) -> float:
    return 150.0 * node.x.elements


def fold(node: Node, values: Sequence[Array]) -> Array:
    return node.y.dtype.clamped(result(node, values[0].astype(np.int64)))


def real(node: Node, x: Array) -> Array:
    """Of float32, rounded twice."""
    found: Array = np.divide(np.float32(1), reals.square_root(x))
    return found


OPERATOR = by_type.operator(
    76,
    "RSQRT",
    reals.or_quantized(check),
    value_table.definition("RSQRT", entries),
    Definition(
        Kernel(
            "RSQRT", "rsqrt_s16", "reference", one_form(calls, cost, in_place), types=(S16_ALL,)
        ),
        fold,
    ),
    reals.definition("RSQRT", real, cycles=280.0),
)
