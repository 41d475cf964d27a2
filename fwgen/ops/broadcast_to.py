"""BROADCAST_TO: a tensor repeated along dimensions of size 1 or that it does not have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import broadcast

ELEMENTS = (*moves.NUMBERS, Element.S64, Element.BOOL, Element.U8, Element.U32, Element.U64)
MOST_DIMENSIONS = 5


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, w = node.x, node.w
    moves.require_ints(node, w, "sizes")
    checks.require_rank(node, w, 1)
    shape = moves.constant_ints(node, w, "sizes")
    node.require(
        1 <= len(shape) <= MOST_DIMENSIONS,
        f"BROADCAST_TO {len(shape)} dimensions; 1 to {MOST_DIMENSIONS} are supported.",
    )
    inner = shape[len(shape) - len(x.shape) :]
    fits = len(x.shape) <= len(shape) and min(shape) > 0
    node.require(
        fits and all(a in (1, b) for a, b in zip(x.shape, inner, strict=True)),
        f"Shape {list(x.shape)} does not broadcast to {list(shape)} (tensor {w.index}).",
    )
    checks.require_shape(node, node.y, shape)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    repeated = (0, broadcast(x.shape, y.shape))
    return (moves.strided_copy(x, y, y.shape, repeated, moves.dense(y.shape)),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.broadcast_to(values[0], node.y.shape)


OPERATOR = Operator(
    code=130,
    name="BROADCAST_TO",
    options=no_options,
    types=like_all(ELEMENTS, None),
    check=check,
    reference=(moves.copies("BROADCAST_TO", calls_reference),),
    fold=fold,
)
