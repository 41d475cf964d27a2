"""TANH: the hyperbolic tangent in units of 1/128 around the zero point 0."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.model.fixed_point import Int64Array, rounding_shift_right, tanh
from fwgen.model.graph import Tensor
from fwgen.ops.parts import value_table

INTEGER_BITS = 4


def check(node: Node) -> None:
    value_table.check(node)
    value_table.require_scale(node, INTEGER_BITS)


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Fixed point in units of 2**-27, the result's in 1/128 whatever the output's scale is.

    Source: TFLite ``reference/integer_ops/tanh.h``.
    """
    values, outside = value_table.scaled(x, INTEGER_BITS)
    inside = rounding_shift_right(tanh(values, INTEGER_BITS), 31 - 7)
    return np.where(outside == 0, inside, -y.dtype.low * outside)


OPERATOR = value_table.lookup_operator(28, "TANH", check, value_table.entries_by(table))
