"""SQRT: the square root of x; of int8 cut off to whole steps of the output."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.ops.parts import by_type, reals, tflite_tables, value_table


def roots(node: Node, x: tflite_tables.Floats) -> tflite_tables.Floats:
    return np.sqrt(x)


def check(node: Node) -> None:
    """TFLite stops at numbers below 0: there must be none."""
    tflite_tables.check(node)
    x = node.x
    node.require(
        x.zero_point == x.dtype.low,
        f"The input of SQRT has zero point {x.zero_point}, expected {x.dtype.low}: TFLite stops "
        "at numbers below 0.",
    )


def entries(node: Node) -> value_table.Entries:
    """Source: TFLite ``elementwise.cc``, ``SqrtEvalQuantized``, which does not round."""
    y = node.y
    steps = tflite_tables.results(node, roots) / np.float32(y.scale)
    return tflite_tables.clamped(node, np.trunc(steps))


def real(node: Node, x: Array) -> Array:
    return reals.square_root(x)


OPERATOR = tflite_tables.operator(
    by_type.operator(
        75,
        "SQRT",
        reals.or_quantized(check),
        value_table.definition("SQRT", entries),
        reals.definition("SQRT", real, cycles=250.0),
    ),
    entries,
)
