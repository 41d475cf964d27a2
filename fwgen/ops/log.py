"""LOG: the natural logarithm, of float32 as the C library has it that TFLM is compared with."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.float_log import TABLE, float_log
from fwgen.ops.parts import by_type, reals, tflite_tables, value_table


def logs(node: Node) -> tuple[Arg, ...]:
    return (Constant("logs", TABLE),)


def real(node: Node, x: Array) -> Array:
    return float_log(x.astype("float32"))


def logarithms(node: Node, x: tflite_tables.Floats) -> tflite_tables.Floats:
    """The least output of what is not above 0. Source: TFLite ``elementwise.cc``."""
    y = node.y
    least = np.float32(y.dtype.low - y.zero_point) * np.float32(y.scale)
    return np.where(x > 0, float_log(np.where(x > 0, x, np.float32(1))), least)


ENTRIES = tflite_tables.entries(logarithms)

OPERATOR = tflite_tables.operator(
    by_type.operator(
        73,
        "LOG",
        reals.or_quantized(tflite_tables.check),
        value_table.definition("LOG", ENTRIES),
        reals.definition("LOG", real, logs, cycles=50.0),
    ),
    ENTRIES,
)
