"""RELU: max(x, 0) in the scale of the output."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.model.fixed_point import Int64Array
from fwgen.model.graph import Tensor
from fwgen.ops.parts import by_type, checks, reals, slopes, value_table


def check(node: Node) -> None:
    value_table.check(node)
    checks.require_factors(node, (node.x.scale / node.y.scale,))


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Source: TFLM ``activations.h``, ``ReluQuantized``."""
    return np.maximum(value_table.rescale(x, y), y.zero_point)


def slopes_of(node: Node) -> slopes.Slopes:
    factor = node.x.scale / node.y.scale
    return slopes.Slopes(above=factor, below=factor, limits=(0, node.y.dtype.high))


OPERATOR = by_type.operator(
    19,
    "RELU",
    reals.or_quantized(check),
    value_table.definition("RELU", value_table.entries_by(table)),
    slopes.definition("RELU", slopes_of),
    reals.definition("RELU", lambda node, x: np.where(np.less(x, 0), np.float32(0), x)),
)
