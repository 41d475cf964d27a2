"""FILL: one number in a constant shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    sizes, value = node.x, node.w
    moves.require_ints(node, sizes, "sizes")
    checks.require_rank(node, sizes, 1)
    checks.require_rank(node, value, 0)
    checks.require_shape(node, node.y, moves.constant_ints(node, sizes, "sizes"))


def calls_reference(node: Node) -> tuple[Call, ...]:
    return moves.filled_from(node.w, node.y)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.full(node.y.shape, values[1].reshape(-1)[0])


TYPES = tuple((None, element, element) for element in (Element.S8, Element.S32, Element.F32))

OPERATOR = Operator(
    code=94,
    name="FILL",
    options=no_options,
    types=TYPES,
    check=check,
    reference=(moves.copies("FILL", calls_reference, types=TYPES, fills=True),),
    fold=fold,
)
