"""RESHAPE: the same data under another shape."""

from __future__ import annotations

from fwgen.contract.node import Node
from fwgen.contract.operator import Operator
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.reach import renamed


def check(node: Node) -> None:
    """The output's static shape counts; TFLM reads neither the shape operand nor the option.

    So that operand may be anything that is computed, too.
    """
    checks.require_operands(node, least=1, most=2, elements=False)
    x, y = node.x, node.y
    node.require(
        x.elements == y.elements,
        f"RESHAPE of shape {list(x.shape)} ({x.elements} elements) to {list(y.shape)} "
        f"({y.elements} elements).",
    )


OPERATOR = Operator(
    code=22,
    name="RESHAPE",
    options=lambda _: None,
    types=moves.ANY,
    check=check,
    reference=(moves.rename("RESHAPE"),),
    channels=renamed,
    fold=moves.fold_rename,
    unread=(1,),
)
