"""ABS: the magnitude of x, in the scale of the output."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.model.fixed_point import Int64Array, quantize_multiplier, requantize
from fwgen.model.graph import Tensor
from fwgen.ops.parts import by_type, checks, reals, slopes, value_table


def _is_raw(node: Node) -> bool:
    """Whether it is of int16 without a scale.

    Source: TFLM ``elementwise.cc``, ``PrepareAbsRsqrt``.
    """
    return node.x.dtype is Element.S16 and node.x.quant is None and node.y.quant is None


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    if _is_raw(node):
        checks.require_shape(node, node.y, node.x.shape)
        return
    value_table.check(node)
    checks.require_factors(node, (node.x.scale / node.y.scale,))


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Not rescaled where both scales are equal. Source: TFLM ``elementwise.cc``."""
    values = np.abs(value_table.VALUES - x.zero_point)
    if x.scale != y.scale:
        values = requantize(values, *quantize_multiplier(x.scale / y.scale))
    return values + y.zero_point


def slopes_of(node: Node) -> slopes.Slopes:
    """Multiplied by 1, a number stays what it is; without a scale it is not clamped, but wraps."""
    if _is_raw(node):
        return slopes.Slopes(above=1.0, below=1.0, before=-1, limits=(0, 1 << 15))
    factor = node.x.scale / node.y.scale
    return slopes.Slopes(above=factor, below=factor, before=-1)


OPERATOR = by_type.operator(
    101,
    "ABS",
    reals.or_quantized(check),
    value_table.definition("ABS", value_table.entries_by(table)),
    slopes.definition("ABS", slopes_of),
    reals.definition("ABS", lambda node, x: np.abs(x)),
)
