"""FLOOR_DIV: quotient of float32, rounded down, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.ops.parts import broadcast, by_type, checks, pairs


def check(node: Node) -> None:
    """TFLM stops on a divisor 0, which fwgen takes as IEEE 754 has it if it is no constant."""
    broadcast.check_shapes(node)
    checks.require_divisor(node, node.w)


def quotient(a: Array, b: Array) -> Array:
    """Of double precision. Source: TFLite ``reference/floor_div.h``."""
    with np.errstate(all="ignore"):
        found: Array = np.floor(np.divide(a, b, dtype=np.float64)).astype(np.float32)
    return found


OPERATOR = by_type.operator(
    90, "FLOOR_DIV", check, pairs.raw("FLOOR_DIV", Element.F32, quotient, cycles=100.0)
)
