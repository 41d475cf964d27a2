"""RELU6: min(max(x, 0), 6)."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.fixed_point import Int64Array
from fwgen.model.graph import Tensor
from fwgen.ops.parts import by_type, checks, reals, slopes, value_table
from fwgen.ops.parts.checks import Activation


def check(node: Node) -> None:
    value_table.check(node, symmetric=False)
    checks.require_bound(node, 6.0, node.x)


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Raw values clamped in the quantization of the input: TFLM does not look at the output's.

    Source: TFLM ``activations.h``, ``Relu6Quantized``.
    """
    return np.clip(value_table.VALUES, *checks.activation_bounds(Activation.RELU6, x))


def slopes_of(node: Node) -> slopes.Slopes:
    """Those below 0 are less than the lower limit, whatever they are multiplied by."""
    limits = checks.activation_bounds(Activation.RELU6, node.x)
    return slopes.Slopes(above=1.0, limits=limits, zero_points=(node.x.zero_point,) * 2)


def clamped(node: Node, x: Array) -> Array:
    """Of float32; a zero keeps its sign."""
    most = np.where(np.greater(x, 6), np.float32(6), x)
    found: Array = np.where(np.less(x, 0), np.float32(0), most)
    return found


OPERATOR = by_type.operator(
    21,
    "RELU6",
    reals.or_quantized(check),
    value_table.definition("RELU6", value_table.entries_by(table)),
    slopes.definition("RELU6", slopes_of),
    reals.definition("RELU6", clamped),
)
