"""EXP: the exponential of float32, as the C library has it that TFLM is compared with."""

from __future__ import annotations

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.float_exp import POWERS, float_exp
from fwgen.ops.parts import by_type, reals


def powers(node: Node) -> tuple[Arg, ...]:
    return (Constant("powers", POWERS),)


def real(node: Node, x: Array) -> Array:
    return float_exp(x.astype("float32"))


OPERATOR = by_type.operator(
    47, "EXP", reals.check, reals.definition("EXP", real, powers, cycles=60.0)
)
