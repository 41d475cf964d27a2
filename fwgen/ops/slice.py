"""SLICE: a window of a tensor, which begins anywhere, and at run time where another tensor says.

A beginning of which part would be outside counts as the nearest one inside; TFLM reads beyond the
tensor then. A constant one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import block_copies, checks, moves
from fwgen.ops.parts.loop_nest import Ints, row_major

MOST_DIMENSIONS = 5
TYPES = like_all((*moves.NUMBERS, Element.BOOL), None)


def sizes_of(node: Node, begin: Ints | None) -> Ints:
    """The window's; -1 is all from a constant beginning on."""
    sizes = moves.constant_ints(node, node.input(2), "sizes")
    if begin is None:
        return sizes
    ends = zip(sizes, node.x.shape, begin, strict=True)
    return tuple(extent - first if size == -1 else size for size, extent, first in ends)


def check(node: Node) -> None:
    checks.require_operands(node, least=3, most=3)
    x, begin, size = node.x, node.w, node.input(2)
    rank = len(x.shape)
    node.require(
        1 <= rank <= MOST_DIMENSIONS,
        f"SLICE of {rank} dimensions; 1 to {MOST_DIMENSIONS} are supported.",
    )
    for tensor, what in ((begin, "beginnings"), (size, "sizes")):
        moves.require_ints(node, tensor, what)
        checks.require_shape(node, tensor, (rank,))
    node.require(
        size.data is not None,
        f"The sizes (tensor {size.index}) must be constant.",
        ("give the sizes in the model: TFLM writes so many elements, whatever the output holds",),
    )
    node.require(
        begin.dtype is size.dtype,
        f"The beginnings are {begin.dtype.word}, but the sizes are {size.dtype.word}.",
    )
    first = None if begin.data is None else moves.constant_ints(node, begin, "beginnings")
    sizes = sizes_of(node, first)
    window = zip(x.shape, first or (0,) * rank, sizes, strict=True)
    node.require(
        all(at >= 0 and 1 <= n <= extent - at for extent, at, n in window),
        f"A window of {list(sizes)} at {'a computed place' if first is None else list(first)} is "
        f"not inside {list(x.shape)}.",
        ("give each size as a number, -1 only where the beginning is in the model",)
        if first is None
        else (),
    )
    checks.require_shape(node, node.y, sizes)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, begin, y = node.x, node.w, node.y
    if begin.data is None:
        return (block_copies.copy_at(x, begin, y, into=False),)
    strides = row_major(x.shape)
    starts = moves.constant_ints(node, begin, "beginnings")
    first = sum(s * at for s, at in zip(strides, starts, strict=True))
    return (moves.strided_copy(x, y, y.shape, (first, strides), moves.dense(y.shape)),)


def indices(node: Node) -> dict[int, tuple[range, ...]]:
    pairs = zip(node.x.shape, node.y.shape, strict=True)
    return {1: tuple(range(extent - size + 1) for extent, size in pairs)}


def fold(node: Node, values: Sequence[Array]) -> Array:
    spare = np.array(node.x.shape) - np.array(node.y.shape)
    starts = np.clip(values[1].reshape(-1).astype(np.int64), 0, spare).tolist()
    window = zip(starts, node.y.shape, strict=True)
    return values[0][tuple(slice(at, at + size) for at, size in window)]


OPERATOR = Operator(
    code=65,
    name="SLICE",
    options=no_options,
    types=TYPES,
    check=check,
    reference=(block_copies.row("SLICE", "copy_at", calls_reference, TYPES, "strided_copy"),),
    fold=fold,
    indices=indices,
)
