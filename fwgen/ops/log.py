"""LOG: the natural logarithm of float32, as the C library has it that TFLM is compared with."""

from __future__ import annotations

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.float_log import TABLE, float_log
from fwgen.ops.parts import by_type, reals


def logs(node: Node) -> tuple[Arg, ...]:
    return (Constant("logs", TABLE),)


def real(node: Node, x: Array) -> Array:
    return float_log(x.astype("float32"))


OPERATOR = by_type.operator(
    73, "LOG", reals.check, reals.definition("LOG", real, logs, cycles=50.0)
)
