"""CONCATENATION: tensors one after the other along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.kernels.cmsis_nn import data_movement
from fwgen.kernels.moves.vector_calls import on_mve
from fwgen.model.element import Element
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.checks import Activation, require
from fwgen.ops.parts.loop_nest import LEVELS, row_major

MOST_INPUTS = 10
TYPES = tuple(
    (element, element)
    for element in (
        *(Element.S8, Element.S16, Element.S32, Element.S64),
        *(Element.F32, Element.BOOL),
    )
)


@dataclass(frozen=True)
class Options:
    """The schema's ``ConcatenationOptions``; a negative axis counts from the last."""

    axis: int
    activation: int


def read_options(fields: Fields) -> Options:
    return Options(axis=fields.i32(0), activation=fields.i8(1))


def axis_of(graph: Graph, op: Op) -> int:
    assert isinstance(op.options, Options)
    rank = len(graph.output(op).shape)
    return op.options.axis + rank if op.options.axis < 0 else op.options.axis


def check(graph: Graph, op: Op) -> None:
    require(
        len(op.inputs) <= MOST_INPUTS,
        f"CONCATENATION takes at most {MOST_INPUTS} inputs, as TFLM's does, but has "
        f"{len(op.inputs)}.",
        graph,
        op,
        tries=("several CONCATENATIONs of fewer inputs, one after the other",),
    )
    checks.require_operands(graph, op, least=max(1, len(op.inputs)), most=MOST_INPUTS)
    assert isinstance(op.options, Options)
    y = graph.output(op)
    rank, axis = len(y.shape), axis_of(graph, op)
    require(
        op.options.activation == Activation.NONE,
        f"CONCATENATION has fused activation {op.options.activation}; only none is supported.",
        graph,
        op,
    )
    require(
        rank <= LEVELS,
        f"CONCATENATION of {rank} dimensions; at most {LEVELS} are supported.",
        graph,
        op,
    )
    require(
        0 <= axis < rank, f"Axis {op.options.axis} does not exist in {rank} dimensions.", graph, op
    )
    along = 0
    for x in (graph.tensors[index] for index in op.inputs):
        checks.require_rank(x, rank, graph, op)
        checks.require_shape(x, (*y.shape[:axis], x.shape[axis], *y.shape[axis + 1 :]), graph, op)
        along += x.shape[axis]
    checks.require_shape(y, (*y.shape[:axis], along, *y.shape[axis + 1 :]), graph, op)
    _check_quant(graph, op)


def _check_quant(graph: Graph, op: Op) -> None:
    """What TFLM wants: one scale and zero point for int8, zero points of 0 for int16."""
    y = graph.output(op)
    for x in (y, *(graph.tensors[index] for index in op.inputs)):
        if x.dtype is Element.S8:
            checks.require_per_tensor(x, graph, op)
            checks.require_same_quant(x, y, graph, op)
        checks.require_symmetric(x, graph, op)


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    """One call per input: blocks of all that lies within the axis, at a distance in the output."""
    y, axis = graph.output(op), axis_of(graph, op)
    strides = row_major(y.shape)
    calls, at = [], 0
    for x in (graph.tensors[index] for index in op.inputs):
        calls.append(
            moves.strided_copy(
                x, y, x.shape, (0, row_major(x.shape)), (at * strides[axis], strides)
            )
        )
        at += x.shape[axis]
    return tuple(calls)


def cost_reference(graph: Graph, op: Op) -> float:
    return moves.cost_calls(calls_reference(graph, op))


def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
    return np.concatenate(values, axis=axis_of(graph, op))


REFERENCE = Kernel(
    "strided_copy", "reference", one_form(calls_reference, cost_reference), types=moves.ANY
)

OPERATOR = Operator(
    code=2,
    name="CONCATENATION",
    options=read_options,
    types=TYPES,
    check=check,
    variants=(REFERENCE, on_mve(REFERENCE), *data_movement.concatenation(axis_of)),
    fold=fold,
)
