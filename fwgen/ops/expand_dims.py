"""EXPAND_DIMS: the same data with one more dimension, of size 1."""

from __future__ import annotations

from fwgen.contract.node import Node
from fwgen.contract.operator import Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, axis = node.x, node.w
    values = moves.constant_ints(node, axis, "axis")
    rank = len(x.shape)
    node.require(
        len(axis.shape) <= 1 and len(values) == 1 and -rank - 1 <= values[0] <= rank,
        f"The axis (tensor {axis.index}) is {list(values[:8])}, expected one number from "
        f"{-rank - 1} to {rank}.",
    )
    at = values[0] % (rank + 1)
    checks.require_shape(node, node.y, (*x.shape[:at], 1, *x.shape[at:]))


OPERATOR = Operator(
    code=70,
    name="EXPAND_DIMS",
    options=lambda _: None,
    types=like_all((Element.S8, Element.S16, Element.F32), Element.S32),
    check=check,
    reference=(moves.rename("EXPAND_DIMS"),),
    fold=moves.fold_rename,
)
