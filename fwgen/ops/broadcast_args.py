"""BROADCAST_ARGS: the shape to which two constant shapes broadcast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import Ints


def shapes_of(node: Node) -> tuple[Ints, Ints]:
    """Both shapes, the shorter one with ones before it."""
    a, b = (moves.constant_ints(node, tensor, "shape") for tensor in (node.x, node.w))
    rank = max(len(a), len(b))
    return (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b


def shape_of(node: Node) -> Ints:
    return tuple(y if x == 1 else x for x, y in zip(*shapes_of(node), strict=True))


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    for tensor in (node.x, node.w):
        checks.require_rank(node, tensor, 1)
    a, b = shapes_of(node)
    node.require(
        all(x == y or 1 in (x, y) for x, y in zip(a, b, strict=True)),
        f"Shapes {list(a[:8])} and {list(b[:8])} do not broadcast to one.",
    )
    checks.require_shape(node, node.y, (len(a),))


def calls_reference(node: Node) -> tuple[Call, ...]:
    """For a shape that is an output of the model."""
    y = node.y
    shape = Constant("shape", np.asarray(shape_of(node), y.dtype.numpy))
    return (moves.strided_copy(shape, y, y.shape, moves.dense(y.shape), moves.dense(y.shape)),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.asarray(shape_of(node), node.y.dtype.numpy)


OPERATOR = Operator(
    code=145,
    name="BROADCAST_ARGS",
    options=no_options,
    types=tuple((element, element) for element in (Element.S32, Element.S64)),
    check=check,
    reference=(moves.copies("BROADCAST_ARGS", calls_reference),),
    fold=fold,
)
