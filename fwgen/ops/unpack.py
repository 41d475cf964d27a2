"""UNPACK: the parts of a tensor along an axis, without that axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import like_all
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import row_major


@dataclass(frozen=True)
class Options:
    """The schema's ``UnpackOptions``; a negative axis counts from the last."""

    count: int
    axis: int


def read_options(fields: Fields) -> Options:
    return Options(count=fields.i32(0), axis=fields.i32(1))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1, outputs=max(1, len(node.outputs)))
    shape, axis, count = node.x.shape, node.options.axis, node.options.count
    node.require(
        -len(shape) <= axis < len(shape),
        f"Axis {axis} does not exist in {len(shape)} dimensions.",
    )
    at = axis % len(shape)
    node.require(
        shape[at] == count == len(node.outputs),
        f"UNPACK of {shape[at]} along axis {at} has {len(node.outputs)} outputs, and {count} by "
        "its option.",
    )
    for y in node.ys:
        checks.require_shape(node, y, (*shape[:at], *shape[at + 1 :]))


def calls_reference(node: Node) -> tuple[Call, ...]:
    x = node.x
    strides, axis = row_major(x.shape), node.options.axis % len(x.shape)
    inside = (*strides[:axis], *strides[axis + 1 :])
    return tuple(
        moves.strided_copy(x, y, y.shape, (k * strides[axis], inside), moves.dense(y.shape))
        for k, y in enumerate(node.ys)
    )


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    return tuple(np.moveaxis(values[0], node.options.axis, 0))


OPERATOR = Operator(
    code=88,
    name="UNPACK",
    options=read_options,
    types=like_all(moves.NUMBERS),
    check=check,
    reference=(moves.copies("UNPACK", calls_reference),),
    fold=fold,
)
