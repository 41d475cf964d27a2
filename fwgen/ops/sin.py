"""SIN: the sine of float32, as the C library has it that TFLM is compared with."""

from __future__ import annotations

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.float_circle import FOUR_BY_PI, float_sin
from fwgen.ops.parts import by_type, reals


def bits(node: Node) -> tuple[Arg, ...]:
    return (Constant("four_by_pi", FOUR_BY_PI),)


def real(node: Node, x: Array) -> Array:
    return float_sin(x.astype("float32"))


OPERATOR = by_type.operator(
    66, "SIN", reals.check, reals.definition("SIN", real, bits, cycles=60.0)
)
