"""SPLIT_V: parts of a tensor along an axis, of any sizes."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves


def axis_of(node: Node) -> int:
    return moves.constant_axis(node, node.input(2), len(node.x.shape))


def check(node: Node) -> None:
    """The outputs' shapes count; the sizes must be theirs, one of them may be -1."""
    checks.require_operands(node, least=3, most=3, outputs=max(1, len(node.outputs)))
    x, axis = node.x, axis_of(node)
    moves.require_ints(node, node.w, "sizes")
    sizes = moves.constant_ints(node, node.w, "sizes")
    rest = x.shape[axis] - sum(size for size in sizes if size >= 0)
    found = [rest if size == -1 else size for size in sizes]
    node.require(
        len(sizes) == len(node.outputs)
        and sizes.count(-1) <= 1
        and min(found) > 0
        and sum(found) == x.shape[axis],
        f"The sizes (tensor {node.w.index}) are {list(sizes[:8])}, expected {len(node.outputs)} "
        f"numbers from 1 on that add up to {x.shape[axis]}; one may be -1.",
    )
    for y, along in zip(node.ys, found, strict=True):
        checks.require_shape(node, y, (*x.shape[:axis], along, *x.shape[axis + 1 :]))


def calls_reference(node: Node) -> tuple[Call, ...]:
    return moves.parts_along(node, node.x, axis_of(node))


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    return moves.cut(node, values[0], axis_of(node))


OPERATOR = Operator(
    code=102,
    name="SPLIT_V",
    options=no_options,
    types=like_all(moves.NUMBERS, None, Element.S32),
    check=check,
    reference=(moves.copies("SPLIT_V", calls_reference),),
    fold=fold,
)
