"""ELU: x where it is not negative, else exp(x) - 1."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.fixed_point import Int64Array
from fwgen.model.float_exp_less_1 import exp_less_1
from fwgen.model.graph import Tensor
from fwgen.ops.parts import by_type, checks, reals, value_table

MOST_STEPS = 2.0**30
"""Of the output in the greatest value of the input: TFLM converts to 32 bits before it clamps."""


def check(node: Node) -> None:
    value_table.check(node)
    x, y = node.x, node.y
    for tensor in (x, y):
        checks.require_normal(node, tensor)
    steps = max(255 * x.scale, 1.0) / y.scale
    node.require(
        steps <= MOST_STEPS,
        f"By its scales ELU has values of {steps:g} steps of the output, expected at most 2**30.",
    )


def table(x: Tensor, y: Tensor) -> Int64Array:
    """In float32, halves rounded away from zero. Source: TFLM ``elu.cc``."""
    values = np.float32(x.scale) * (value_table.VALUES - x.zero_point).astype(np.float32)
    # exp in double: NumPy's of float32 is not the same on all machines
    powers = np.exp(np.minimum(values, 0).astype(np.float64)).astype(np.float32)
    curved = np.where(values < 0, powers - np.float32(1), values)
    steps = curved * (np.float32(1) / np.float32(y.scale))
    rounded = np.sign(steps) * np.floor(np.abs(steps).astype(np.float64) + 0.5)
    return rounded.astype(np.int64) + y.zero_point


def real(node: Node, x: Array) -> Array:
    """Of float32. Source: TFLite ``reference/elu.h``."""
    below = np.minimum(x, np.float32(0))
    return np.where(np.less(x, 0), exp_less_1(below), x)


OPERATOR = by_type.operator(
    111,
    "ELU",
    reals.or_quantized(check),
    value_table.definition("ELU", value_table.entries_by(table)),
    reals.definition("ELU", real, cycles=60.0),
)
