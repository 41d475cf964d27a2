"""PRELU: x where it is not negative, else its product with a slope, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S8_ALL, Element, Types
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import broadcast, by_type, checks, pairs

FLOAT_RANK = 4
"""Dimensions at most that TFLM walks of float32."""


def factors(node: Node) -> tuple[float, float]:
    """Real multipliers of values that are not negative, and of products with slopes.

    Source: TFLM ``prelu_common.cc``, ``CalculatePreluParams``.
    """
    x, slope, y = node.x, node.w, node.y
    return x.scale / y.scale, x.scale * slope.scale / y.scale


def check(node: Node) -> None:
    broadcast.check_shapes(node)
    if node.y.dtype is Element.F32:
        rank = len(node.y.shape)
        node.require(
            rank <= FLOAT_RANK,
            f"PRELU of float32 has {rank} dimensions, of which TFLM takes {FLOAT_RANK}.",
        )
        return
    for tensor in (node.x, node.w, node.y):
        checks.require_per_tensor(node, tensor)
    checks.require_factors(node, factors(node))


def fields(node: Node) -> broadcast.ParamFields:
    (above, above_shift), (below, below_shift) = map(quantize_multiplier, factors(node))
    low, high = node.y.dtype.limits
    return (
        ("input1_zero_point", node.x.zero_point),
        ("input2_zero_point", node.w.zero_point),
        ("output_zero_point", node.y.zero_point),
        ("above_multiplier", above),
        ("above_shift", above_shift),
        ("below_multiplier", below),
        ("below_shift", below_shift),
        ("low", low),
        ("high", high),
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLite ``reference/prelu.h``."""
    x, slope = (v.astype(np.int64) - node.input(i).zero_point for i, v in enumerate(values))
    above, below = map(quantize_multiplier, factors(node))
    scaled = np.where(x >= 0, requantize(x, *above), requantize(x * slope, *below))
    return node.y.dtype.clamped(scaled + node.y.zero_point)


def sloped(x: Array, slope: Array) -> Array:
    """Of float32."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(np.greater_equal(x, 0), x, np.multiply(x, slope))


S16_BY_S8 = (Element.S16, Element.S8, Element.S16)
"""Slopes of int16 values are int8."""


def quantized(kernel: str, types: Types) -> by_type.Definition:
    made = pairs.PairKernel(kernel, types, "fw_prelu_params", fields, cycles=40.0)
    return pairs.definition("PRELU", made, fold)


OPERATOR = by_type.operator(
    54,
    "PRELU",
    check,
    quantized("prelu_s8", S8_ALL),
    quantized("prelu_s16", S16_BY_S8),
    pairs.raw("PRELU", Element.F32, sloped),
)
