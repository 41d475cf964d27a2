"""PAD: zeros (zero points) around a tensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Operator
from fwgen.kernels.cmsis_nn import data_movement
from fwgen.kernels.moves.vector_calls import on_mve
from fwgen.model.element import Element, like_all
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.checks import require
from fwgen.ops.parts.loop_nest import row_major

MOST_DIMENSIONS = 5


def paddings(graph: Graph, op: Op) -> tuple[tuple[int, int], ...]:
    """(before, after) of each dimension, in elements."""
    flat = moves.constant_ints(graph.input(op, 1), "paddings", graph, op)
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=2, most=2)
    x, table, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    if y.dtype is Element.S8:
        checks.require_per_tensor(y, graph, op)
    rank = len(x.shape)
    require(
        rank <= MOST_DIMENSIONS,
        f"PAD of {rank} dimensions; at most {MOST_DIMENSIONS} are supported.",
        graph,
        op,
    )
    checks.require_shape(table, (rank, 2), graph, op)
    pairs = paddings(graph, op)
    require(
        all(side >= 0 for pair in pairs for side in pair),
        f"The paddings (tensor {table.index}) have a negative number.",
        graph,
        op,
    )
    shape = tuple(a + size + b for size, (a, b) in zip(x.shape, pairs, strict=True))
    checks.require_shape(y, shape, graph, op)


def value_of(graph: Graph, op: Op) -> int:
    """With what the op pads; TFLM pads int16 with 0 in any case."""
    y = graph.output(op)
    return y.zero_point if y.dtype is Element.S8 else 0


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    """Fill the output, then copy the input to its middle."""
    x, y = graph.input(op), graph.output(op)
    strides = row_major(y.shape)
    first = sum(s * before for s, (before, _) in zip(strides, paddings(graph, op), strict=True))
    return (
        Call("fw_fill", (Ref(y.index), value_of(graph, op), y.bytes)),
        moves.strided_copy(x, y, x.shape, (0, row_major(x.shape)), (first, strides)),
    )


def cost_reference(graph: Graph, op: Op) -> float:
    return moves.cost_calls(calls_reference(graph, op))


def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
    return np.pad(values[0], paddings(graph, op), constant_values=value_of(graph, op))


REFERENCE = Kernel(
    "strided_copy", "reference", one_form(calls_reference, cost_reference), types=moves.ANY
)

OPERATOR = Operator(
    code=34,
    name="PAD",
    options=lambda _: None,
    types=like_all((Element.S8, Element.S16, Element.S32, Element.F32), Element.S32),
    check=check,
    variants=(REFERENCE, on_mve(REFERENCE), *data_movement.pad(paddings, value_of)),
    fold=fold,
)
