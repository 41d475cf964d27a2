"""GATHER: the parts of a tensor along an axis that indices name.

An index that is out of range at run time counts as the nearest one in range; TFLM reads beyond the
tensor then. A constant one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import block_copies, checks, moves
from fwgen.ops.parts.loop_nest import LEVELS

TYPES = like_all((Element.S8, Element.F32), Element.S32)


@dataclass(frozen=True)
class Options:
    """The schema's ``GatherOptions``: a negative axis counts from the last dimension of the input,
    a negative number of batch dimensions from that of the indices."""

    axis: int
    batch_dims: int


def read_options(fields: Fields) -> Options:
    return Options(axis=fields.i32(0), batch_dims=fields.i32(1))


def places(node: Node) -> tuple[int, int]:
    """The axis and the number of batch dimensions, both from 0 on."""
    axis, batch = node.options.axis, node.options.batch_dims
    axis += len(node.x.shape) if axis < 0 else 0
    return axis, batch + (len(node.w.shape) if batch < 0 else 0)


def blocks_of(node: Node) -> block_copies.Blocks:
    return block_copies.along(node.x, *places(node), node.w.elements)


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, w = node.x, node.w
    axis, batch = places(node)
    rank = len(x.shape)
    node.require(0 <= axis < rank, f"Axis {node.options.axis} does not exist in {rank} dimensions.")
    node.require(
        0 <= batch <= min(axis, len(w.shape)) and x.shape[:batch] == w.shape[:batch],
        f"GATHER along axis {axis} of {list(x.shape)} has {node.options.batch_dims} batch "
        f"dimensions with indices of {list(w.shape)}.",
    )
    shape = (*x.shape[:axis], *w.shape[batch:], *x.shape[axis + 1 :])
    node.require(
        len(shape) <= LEVELS, f"GATHER to {len(shape)} dimensions; at most {LEVELS} are supported."
    )
    checks.require_shape(node, node.y, shape)
    block_copies.require_inside(node, w, (x.shape[axis],))


def calls_reference(node: Node) -> tuple[Call, ...]:
    """Constant indices that are evenly spaced need no table."""
    x, y, blocks = node.x, node.y, blocks_of(node)
    if node.w.data is None or blocks.batches > 1:
        return (block_copies.gather(x, node.w, y, blocks),)
    begins = blocks.inside(node.w.data)[0, 0]
    apart = np.diff(begins)
    if len(set(apart.tolist())) > 1:
        return (block_copies.gather(x, node.w, y, blocks),)
    step = int(apart[0]) if len(apart) else 0
    sizes = blocks.outer, blocks.count, blocks.block
    taken = int(begins[0]), (blocks.outer_stride, step, 1)
    return (moves.strided_copy(x, y, sizes, taken, moves.dense(sizes)),)


def indices(node: Node) -> dict[int, tuple[range, ...]]:
    return {1: (range(node.x.shape[places(node)[0]]),)}


def fold(node: Node, values: Sequence[Array]) -> Array:
    return blocks_of(node).gathered(values[0], values[1])


OPERATOR = Operator(
    code=36,
    name="GATHER",
    options=read_options,
    types=TYPES,
    check=check,
    reference=(block_copies.row("GATHER", "gather", calls_reference, TYPES, "strided_copy"),),
    fold=fold,
    indices=indices,
)
