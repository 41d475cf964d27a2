"""PACK: tensors of one shape beside each other along a new axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import row_major

MOST_DIMENSIONS = 5
"""Of an input: kernels walk ``LEVELS`` of an output."""


@dataclass(frozen=True)
class Options:
    """The schema's ``PackOptions``; a negative axis counts from the last of the output."""

    count: int
    axis: int


def read_options(fields: Fields) -> Options:
    return Options(count=fields.i32(0), axis=fields.i32(1))


def check(node: Node) -> None:
    """TFLM takes as many inputs as the option says."""
    checks.require_operands(node, least=max(1, len(node.inputs)), most=max(1, len(node.inputs)))
    rank, axis, count = len(node.x.shape), node.options.axis, node.options.count
    node.require(
        count == len(node.inputs),
        f"PACK of {count} tensors, says its option, but it has {len(node.inputs)} inputs.",
    )
    node.require(
        rank <= MOST_DIMENSIONS,
        f"PACK of {rank} dimensions; at most {MOST_DIMENSIONS} are supported.",
    )
    node.require(-rank - 1 <= axis <= rank, f"Axis {axis} does not exist in {rank + 1} dimensions.")
    for x in node.operands():
        checks.require_shape(node, x, node.x.shape)
    at = axis % (rank + 1)
    checks.require_shape(node, node.y, (*node.x.shape[:at], count, *node.x.shape[at:]))


def calls_reference(node: Node) -> tuple[Call, ...]:
    y = node.y
    strides, axis = row_major(y.shape), node.options.axis % len(y.shape)
    inside = (*strides[:axis], *strides[axis + 1 :])
    return tuple(
        moves.strided_copy(x, y, x.shape, moves.dense(x.shape), (k * strides[axis], inside))
        for k, x in enumerate(node.operands())
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.stack(values, axis=node.options.axis)


OPERATOR = Operator(
    code=83,
    name="PACK",
    options=read_options,
    types=tuple((element, element) for element in (*moves.NUMBERS, Element.S64)),
    check=check,
    reference=(moves.copies("PACK", calls_reference),),
    fold=fold,
)
