"""LOGISTIC: 1 / (1 + exp(-x)), of int8 in units of 1/256 above the least value, its zero point."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.model.fixed_point import Int64Array, logistic, rounding_shift_right
from fwgen.model.float_exp import POWERS, float_exp
from fwgen.model.graph import Tensor
from fwgen.model.sigmoid_table import logistic16
from fwgen.ops.parts import by_type, reals, sigmoid16, value_table

INTEGER_BITS = 4


def check(node: Node) -> None:
    value_table.check(node)
    if node.y.dtype is Element.S16:
        sigmoid16.check(node)
        return
    value_table.require_scale(node, INTEGER_BITS)
    y = node.y
    node.require(
        y.zero_point == y.dtype.low,
        f"The output of LOGISTIC has zero point {y.zero_point}, expected {y.dtype.low}.",
    )


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Fixed point in units of 2**-27, the result's in 1/256 whatever the output's scale is.

    Source: TFLite ``reference/integer_ops/logistic.h``.
    """
    values, outside = value_table.scaled(x, INTEGER_BITS)
    inside = rounding_shift_right(logistic(values, INTEGER_BITS), 31 - 8) + y.dtype.low
    return np.where(outside == 0, inside, -y.dtype.low * outside)


CUT_ABOVE, CUT_BELOW = np.float32(16.619047164916992188), np.float32(-9)
"""Beyond these TFLM takes 1, and the exponential of x. Source: TFLite ``reference/logistic.h``."""


def real(node: Node, x: Array) -> Array:
    """Of float32."""
    values = x.astype(np.float32)
    inside = np.float32(1) / (np.float32(1) + float_exp(-values))
    below = np.where(values < CUT_BELOW, float_exp(values), inside)
    return np.where(values > CUT_ABOVE, np.float32(1), below)


def powers(node: Node) -> tuple[Arg, ...]:
    return (Constant("powers", POWERS),)


OPERATOR = by_type.operator(
    14,
    "LOGISTIC",
    reals.or_quantized(check),
    value_table.definition("LOGISTIC", value_table.entries_by(table)),
    sigmoid16.definition("LOGISTIC", logistic16),
    reals.definition("LOGISTIC", real, powers, cycles=75.0),
)
