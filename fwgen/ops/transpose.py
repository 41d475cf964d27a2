"""TRANSPOSE: dimensions in another order."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Operator
from fwgen.kernels.cmsis_nn import data_movement
from fwgen.kernels.moves.vector_calls import on_mve
from fwgen.model.element import Element, like_all
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.checks import require
from fwgen.ops.parts.loop_nest import Ints, row_major

MOST_DIMENSIONS = 5


def order_of(graph: Graph, op: Op) -> Ints:
    """The input dimension that each output dimension is."""
    return moves.constant_ints(graph.input(op, 1), "permutation", graph, op)


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=2, most=2)
    x, order = graph.input(op), order_of(graph, op)
    checks.require_rank(graph.input(op, 1), 1, graph, op)
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
    permuted = tuple(strides[d] for d in order_of(graph, op))
    return (moves.strided_copy(x, y, y.shape, (0, permuted), (0, row_major(y.shape))),)


def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
    return values[0].transpose(order_of(graph, op))


def cost_reference(graph: Graph, op: Op) -> float:
    return moves.cost_calls(calls_reference(graph, op))


REFERENCE = Kernel(
    "strided_copy", "reference", one_form(calls_reference, cost_reference), types=moves.ANY
)

OPERATOR = Operator(
    code=39,
    name="TRANSPOSE",
    options=lambda _: None,
    types=like_all((Element.S8, Element.S16, Element.F32), Element.S32),
    check=check,
    variants=(REFERENCE, on_mve(REFERENCE), *data_movement.transpose(order_of)),
    fold=fold,
)
