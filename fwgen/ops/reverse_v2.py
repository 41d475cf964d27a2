"""REVERSE_V2: dimensions from their last element to their first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import Ints, row_major

ELEMENTS = (*moves.NUMBERS, Element.S64, Element.BOOL, Element.U8)
MOST_DIMENSIONS = 6


def axes_of(node: Node) -> Ints:
    """The dimensions, in ascending order."""
    rank = len(node.x.shape)
    return tuple(sorted(axis % rank for axis in moves.constant_ints(node, node.w, "axes")))


def check(node: Node) -> None:
    """TFLM takes dimensions that follow one another."""
    checks.require_operands(node, least=2, most=2)
    checks.require_rank(node, node.w, 1)
    rank = len(node.x.shape)
    node.require(
        1 <= rank <= MOST_DIMENSIONS,
        f"REVERSE_V2 of {rank} dimensions; 1 to {MOST_DIMENSIONS} are supported.",
    )
    named = moves.constant_ints(node, node.w, "axes")
    node.require(
        all(-rank <= axis < rank for axis in named),
        f"The axes (tensor {node.w.index}) are {list(named[:8])}, expected numbers from {-rank} "
        f"to {rank - 1}.",
    )
    axes = axes_of(node)
    node.require(
        axes == tuple(range(axes[0], axes[0] + len(axes))),
        f"The axes (tensor {node.w.index}) are {list(named[:8])}, expected some that follow one "
        "another.",
        tries=("several REVERSE_V2, one after the other",),
    )
    checks.require_shape(node, node.y, node.x.shape)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, axes = node.x, axes_of(node)
    strides = row_major(x.shape)
    first = sum((x.shape[d] - 1) * strides[d] for d in axes)
    back = tuple(-s if d in axes else s for d, s in enumerate(strides))
    return (moves.strided_copy(x, node.y, x.shape, (first, back), moves.dense(x.shape)),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.flip(values[0], axes_of(node))


OPERATOR = Operator(
    code=105,
    name="REVERSE_V2",
    options=no_options,
    types=like_all(ELEMENTS, Element.S32),
    check=check,
    reference=(moves.copies("REVERSE_V2", calls_reference),),
    fold=fold,
)
