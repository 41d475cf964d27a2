"""SPLIT: equal parts of a tensor along an axis."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves


def axis_of(node: Node) -> int:
    return moves.constant_axis(node, node.x, len(node.w.shape))


def check(node: Node) -> None:
    """The number of outputs counts; TFLM does not read the option either."""
    checks.require_operands(node, least=2, most=2, outputs=max(1, len(node.outputs)))
    x, axis, parts = node.w, axis_of(node), len(node.outputs)
    node.require(
        x.shape[axis] % parts == 0,
        f"SPLIT of {x.shape[axis]} along axis {axis} in {parts} parts leaves a rest.",
    )
    for y in node.ys:
        along = x.shape[axis] // parts
        checks.require_shape(node, y, (*x.shape[:axis], along, *x.shape[axis + 1 :]))


def calls_reference(node: Node) -> tuple[Call, ...]:
    return moves.parts_along(node, node.w, axis_of(node))


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    return moves.cut(node, values[1], axis_of(node))


TYPES = tuple((Element.S32, element, element) for element in moves.NUMBERS)

OPERATOR = Operator(
    code=49,
    name="SPLIT",
    options=no_options,
    types=TYPES,
    check=check,
    reference=(moves.copies("SPLIT", calls_reference, types=TYPES),),
    fold=fold,
)
