"""STRIDED_SLICE: every n-th element of a range along each dimension, forwards or backwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import row_major

MOST_DIMENSIONS = 4
TYPES = like_all((Element.S8, Element.S16, Element.S32, Element.F32, Element.BOOL), Element.S32)


@dataclass(frozen=True)
class Options:
    """The schema's ``StridedSliceOptions``; bit i of a mask is for dimension i."""

    begin_mask: int
    end_mask: int
    ellipsis_mask: int
    new_axis_mask: int
    shrink_axis_mask: int
    offset: bool


def read_options(fields: Fields) -> Options:
    return Options(
        begin_mask=fields.i32(0),
        end_mask=fields.i32(1),
        ellipsis_mask=fields.i32(2),
        new_axis_mask=fields.i32(3),
        shrink_axis_mask=fields.i32(4),
        offset=fields.flag(5),
    )


def ranges(node: Node) -> tuple[range, ...]:
    """The indices visited along each input dimension.

    Begin and end are clipped as Python clips a slice's. A shrunk dimension has its begin only.
    Source: TFLite ``strided_slice_logic.h``.
    """
    options = node.options
    names = ("begin", "end", "strides")
    operands = (
        moves.constant_ints(node, node.input(position), name)
        for position, name in enumerate(names, 1)
    )
    visited = []
    for d, (size, begin, end, stride) in enumerate(zip(node.x.shape, *operands, strict=True)):
        first = None if options.begin_mask >> d & 1 else begin
        last = None if options.end_mask >> d & 1 else end
        shrunk = options.shrink_axis_mask >> d & 1
        visited.append(range(size)[first:][:1] if shrunk else range(size)[first:last:stride])
    return tuple(visited)


def check(node: Node) -> None:
    checks.require_operands(node, least=4, most=4)
    options = node.options
    rank = len(node.x.shape)
    node.require(
        rank <= MOST_DIMENSIONS,
        f"STRIDED_SLICE of {rank} dimensions; at most {MOST_DIMENSIONS} are supported.",
    )
    for name in ("ellipsis_mask", "new_axis_mask", "offset"):
        node.require(
            not getattr(options, name),
            f"STRIDED_SLICE with {name} is not supported (TFLM ignores it).",
        )
    for position in (1, 2, 3):
        checks.require_shape(node, node.input(position), (rank,))
    strides = moves.constant_ints(node, node.input(3), "strides")
    node.require(all(strides), f"A stride is 0: {list(strides)}.")
    shrunk = [options.shrink_axis_mask >> d & 1 for d in range(rank)]
    visited = ranges(node)
    node.require(
        all(len(visited[d]) == 1 and strides[d] > 0 for d in range(rank) if shrunk[d]),
        "STRIDED_SLICE removes a dimension of which it takes no element, or backwards.",
    )
    shape = tuple(len(r) for r, shrink in zip(visited, shrunk, strict=True) if not shrink)
    checks.require_shape(node, node.y, shape)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    strides, visited = row_major(x.shape), ranges(node)
    sizes = tuple(len(r) for r in visited)
    first = sum(s * r.start for s, r in zip(strides, visited, strict=True))
    steps = tuple(s * r.step for s, r in zip(strides, visited, strict=True))
    return (moves.strided_copy(x, y, sizes, (first, steps), (0, row_major(sizes))),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return values[0][np.ix_(*ranges(node))].reshape(node.y.shape)


OPERATOR = Operator(
    code=45,
    name="STRIDED_SLICE",
    options=read_options,
    types=TYPES,
    check=check,
    reference=(moves.copies("STRIDED_SLICE", calls_reference),),
    fold=fold,
)
