"""EXPAND_DIMS: the same data with one more dimension, of size 1."""

from __future__ import annotations

from fwgen.contract.operator import Operator
from fwgen.model.element import Element, like_all
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.checks import require


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=2, most=2)
    x, axis = graph.input(op), graph.input(op, 1)
    values = moves.constant_ints(axis, "axis", graph, op)
    rank = len(x.shape)
    require(
        len(axis.shape) <= 1 and len(values) == 1 and -rank - 1 <= values[0] <= rank,
        f"The axis (tensor {axis.index}) is {list(values[:8])}, expected one number from "
        f"{-rank - 1} to {rank}.",
        graph,
        op,
    )
    at = values[0] % (rank + 1)
    checks.require_shape(graph.output(op), (*x.shape[:at], 1, *x.shape[at:]), graph, op)


OPERATOR = Operator(
    code=70,
    name="EXPAND_DIMS",
    options=lambda _: None,
    types=like_all((Element.S8, Element.S16, Element.F32), Element.S32),
    check=check,
    variants=(moves.RENAME,),
    fold=moves.fold_rename,
)
