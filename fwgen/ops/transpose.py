"""TRANSPOSE: dimensions in another order."""

from __future__ import annotations

from fwgen.model.graph import DType, Graph, Op
from fwgen.ops import checks, moves
from fwgen.ops.checks import require
from fwgen.ops.loops import row_major
from fwgen.ops.operator import Call, Operator, Variant

MOST_DIMENSIONS = 5


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=2, most=2)
    moves.check_same_dtype(graph, op, (DType.INT8, DType.INT16, DType.FLOAT32))
    x, order = graph.input(op), moves.constant_ints(graph.input(op, 1), "permutation", graph, op)
    rank = len(x.shape)
    require(
        1 <= rank <= MOST_DIMENSIONS,
        f"TRANSPOSE of {rank} dimensions; 1 to {MOST_DIMENSIONS} are supported.",
        graph,
        op,
    )
    require(
        sorted(order) == list(range(rank)),
        f"The permutation (tensor {op.inputs[1]}) is {list(order[:8])}, expected each of 0 to "
        f"{rank - 1} once.",
        graph,
        op,
    )
    checks.require_shape(graph.output(op), tuple(x.shape[d] for d in order), graph, op)


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    x, y = graph.input(op), graph.output(op)
    strides = row_major(x.shape)
    order = moves.constant_ints(graph.input(op, 1), "permutation", graph, op)
    permuted = tuple(strides[d] for d in order)
    return (moves.strided_copy(x, y, y.shape, (0, permuted), (0, row_major(y.shape))),)


OPERATOR = Operator(
    code=39,
    name="TRANSPOSE",
    options=lambda _: None,
    check=check,
    variants=(Variant("strided_copy", "reference", calls_reference, moves.cost_strided),),
)
