"""EXP: the exponential, of float32 as the C library has it that TFLM is compared with."""

from __future__ import annotations

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.float_exp import POWERS, float_exp
from fwgen.ops.parts import by_type, reals, tflite_tables, value_table


def powers(node: Node) -> tuple[Arg, ...]:
    return (Constant("powers", POWERS),)


def real(node: Node, x: Array) -> Array:
    return float_exp(x.astype("float32"))


def exponentials(node: Node, x: tflite_tables.Floats) -> tflite_tables.Floats:
    """Source: TFLite ``exp.cc``."""
    return float_exp(x)


ENTRIES = tflite_tables.entries(exponentials)

OPERATOR = tflite_tables.operator(
    by_type.operator(
        47,
        "EXP",
        reals.or_quantized(tflite_tables.check),
        value_table.definition("EXP", ENTRIES),
        reals.definition("EXP", real, powers, cycles=60.0),
    ),
    ENTRIES,
)
