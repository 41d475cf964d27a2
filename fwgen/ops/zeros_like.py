"""ZEROS_LIKE: raw zeros in the shape of a tensor, whatever its zero point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    checks.require_shape(node, node.y, node.x.shape)


def calls_reference(node: Node) -> tuple[Call, ...]:
    return moves.filled(node.y, 0)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.zeros(node.y.shape, node.y.dtype.numpy)


OPERATOR = Operator(
    code=93,
    name="ZEROS_LIKE",
    options=no_options,
    types=like_all((Element.S8, Element.S32, Element.S64, Element.F32)),
    check=check,
    reference=(moves.copies("ZEROS_LIKE", calls_reference, fills=True),),
    fold=fold,
    unread=(0,),
)
