"""PADV2: a tensor with a number around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves, paddings


def check(node: Node) -> None:
    """TFLM wants the number in the scale and zero point of the output, where both are int8."""
    checks.require_operands(node, least=3, most=3)
    paddings.check(node)
    value = node.input(2)
    node.require(
        value.elements == 1,
        f"The number around the tensor (tensor {value.index}) has shape {list(value.shape)}, "
        "expected one element.",
    )
    checks.require_raw(node, value, node.y)


def calls_reference(node: Node) -> tuple[Call, ...]:
    return (*moves.filled_from(node.input(2), node.y), paddings.middle(node))


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.pad(values[0], paddings.sides(node), constant_values=values[2].reshape(-1)[0])


OPERATOR = Operator(
    code=60,
    name="PADV2",
    options=no_options,
    types=tuple((element, Element.S32, element, element) for element in moves.NUMBERS),
    check=check,
    reference=(moves.copies("PADV2", calls_reference, fills=True),),
    fold=fold,
)
