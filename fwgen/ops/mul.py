"""MUL: product with broadcasting and a fused clamp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import broadcast, by_type, checks, pairs


def factor(node: Node) -> float:
    """Real multiplier of the product. Source: TFLM ``mul_common.cc``, ``CalculateOpDataMul``."""
    a, b, y = node.x, node.w, node.y
    return a.scale * b.scale / y.scale


def check(node: Node) -> None:
    broadcast.check_arithmetic(node)
    if node.y.dtype in (Element.S8, Element.S16):
        checks.require_factors(node, (factor(node),))


def fold(node: Node, values: Sequence[Array]) -> Array:
    y = node.y
    a, b = (v.astype(np.int64) - node.input(i).zero_point for i, v in enumerate(values))
    product = requantize(a * b, *quantize_multiplier(factor(node))) + y.zero_point
    return np.clip(product, *checks.clamp_of(node)).astype(y.dtype.numpy)


def quantized(kernel: str, types: Types) -> by_type.Definition:
    fields = pairs.rescaled_by(factor)
    made = pairs.PairKernel(kernel, types, "fw_mul_params", fields, cycles=45.0)
    return pairs.definition("MUL", made, fold)


OPERATOR = by_type.operator(
    18,
    "MUL",
    check,
    quantized("mul_s8", S8_ALL),
    quantized("mul_s16", S16_ALL),
    pairs.whole("MUL", np.multiply),
    pairs.real("MUL", np.multiply),
    options=broadcast.read_options,
    clamps=True,
)
