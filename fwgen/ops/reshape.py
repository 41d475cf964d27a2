"""RESHAPE: the same data under another shape."""

from __future__ import annotations

from fwgen.contract.operator import Operator
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.channels import renamed
from fwgen.ops.parts.checks import require


def check(graph: Graph, op: Op) -> None:
    """The output's static shape counts; TFLM reads neither the shape operand nor the option."""
    checks.require_operands(graph, op, least=1, most=2, elements=False)
    x, y, shape = graph.input(op), graph.output(op), graph.operand(op, 1)
    require(
        shape is None or shape.data is not None,
        f"The shape (tensor {op.inputs[-1]}) must be constant.",
        graph,
        op,
    )
    require(
        x.elements == y.elements,
        f"RESHAPE of shape {list(x.shape)} ({x.elements} elements) to {list(y.shape)} "
        f"({y.elements} elements).",
        graph,
        op,
    )


OPERATOR = Operator(
    code=22,
    name="RESHAPE",
    options=lambda _: None,
    types=moves.ANY,
    check=check,
    variants=(moves.RENAME,),
    channels=renamed,
    fold=moves.fold_rename,
)
