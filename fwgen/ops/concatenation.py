"""CONCATENATION: tensors one after the other along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.checks import Activation
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


def axis_of(node: Node) -> int:
    axis: int = node.options.axis
    return axis + len(node.y.shape) if axis < 0 else axis


def check(node: Node) -> None:
    node.require(
        len(node.inputs) <= MOST_INPUTS,
        f"CONCATENATION takes at most {MOST_INPUTS} inputs, as TFLM's does, but has "
        f"{len(node.inputs)}.",
        tries=("several CONCATENATIONs of fewer inputs, one after the other",),
    )
    checks.require_operands(node, least=max(1, len(node.inputs)), most=MOST_INPUTS)
    y = node.y
    rank, axis = len(y.shape), axis_of(node)
    node.require(
        node.options.activation == Activation.NONE,
        f"CONCATENATION has fused activation {node.options.activation}; only none is supported.",
    )
    node.require(
        rank <= LEVELS, f"CONCATENATION of {rank} dimensions; at most {LEVELS} are supported."
    )
    node.require(0 <= axis < rank, f"Axis {node.options.axis} does not exist in {rank} dimensions.")
    along = 0
    for x in (node.tensors[index] for index in node.inputs):
        checks.require_rank(node, x, rank)
        checks.require_shape(node, x, (*y.shape[:axis], x.shape[axis], *y.shape[axis + 1 :]))
        along += x.shape[axis]
    checks.require_shape(node, y, (*y.shape[:axis], along, *y.shape[axis + 1 :]))
    _check_quant(node)


def _check_quant(node: Node) -> None:
    """What TFLM wants: one scale and zero point for int8, zero points of 0 for int16.

    Numbers of int8 that no tensor has a scale for are moved as they are.
    """
    y = node.y
    operands = (y, *(node.tensors[index] for index in node.inputs))
    scaled = any(x.quant is not None for x in operands)
    for x in operands:
        if x.dtype is Element.S8 and scaled:
            checks.require_per_tensor(node, x)
            checks.require_same_quant(node, x, y)
        checks.require_symmetric(node, x)


def calls_reference(node: Node) -> tuple[Call, ...]:
    """One call per input: blocks of all that lies within the axis, at a distance in the output."""
    y, axis = node.y, axis_of(node)
    strides = row_major(y.shape)
    calls, at = [], 0
    for x in (node.tensors[index] for index in node.inputs):
        calls.append(
            moves.strided_copy(
                x, y, x.shape, (0, row_major(x.shape)), (at * strides[axis], strides)
            )
        )
        at += x.shape[axis]
    return tuple(calls)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.concatenate(values, axis=axis_of(node))


OPERATOR = Operator(
    code=2,
    name="CONCATENATION",
    options=read_options,
    types=TYPES,
    check=check,
    reference=(moves.copies("CONCATENATION", calls_reference),),
    fold=fold,
)
