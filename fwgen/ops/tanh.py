"""TANH: the hyperbolic tangent, of int8 in units of 1/128 around the zero point 0."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.model.fixed_point import Int64Array, rounding_shift_right, tanh
from fwgen.model.float_exp_less_1 import float_tanh
from fwgen.model.graph import Tensor
from fwgen.model.sigmoid_table import tanh16
from fwgen.ops.parts import by_type, reals, sigmoid16, value_table

INTEGER_BITS = 4


def check(node: Node) -> None:
    value_table.check(node)
    if node.y.dtype is Element.S16:
        sigmoid16.check(node)
        return
    value_table.require_scale(node, INTEGER_BITS)


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Fixed point in units of 2**-27, the result's in 1/128 whatever the output's scale is.

    Source: TFLite ``reference/integer_ops/tanh.h``.
    """
    values, outside = value_table.scaled(x, INTEGER_BITS)
    inside = rounding_shift_right(tanh(values, INTEGER_BITS), 31 - 7)
    return np.where(outside == 0, inside, -y.dtype.low * outside)


def real(node: Node, x: Array) -> Array:
    return float_tanh(x.astype(np.float32))


OPERATOR = by_type.operator(
    28,
    "TANH",
    reals.or_quantized(check),
    value_table.definition("TANH", value_table.entries_by(table)),
    sigmoid16.definition("TANH", tanh16),
    reals.definition("TANH", real, cycles=80.0),
)
