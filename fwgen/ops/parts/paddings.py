"""Paddings: what PAD and its kin put around a tensor, and the tensor's way to the middle."""

from __future__ import annotations

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import row_major

MOST_DIMENSIONS = 5


def sides(node: Node) -> tuple[tuple[int, int], ...]:
    """(before, after) of each dimension, in elements."""
    return moves.constant_pairs(node, node.w, "paddings")


def check(node: Node) -> None:
    """Require constant paddings that are not negative, and the output's shape that they make."""
    x, table = node.x, node.w
    rank = len(x.shape)
    node.require(
        rank <= MOST_DIMENSIONS,
        f"{node.code} of {rank} dimensions; at most {MOST_DIMENSIONS} are supported.",
    )
    checks.require_shape(node, table, (rank, 2))
    pairs = sides(node)
    node.require(
        all(side >= 0 for pair in pairs for side in pair),
        f"The paddings (tensor {table.index}) have a negative number.",
    )
    shape = tuple(a + size + b for size, (a, b) in zip(x.shape, pairs, strict=True))
    checks.require_shape(node, node.y, shape)


def middle(node: Node) -> Call:
    """The call that moves the input to its place in the output."""
    x, y = node.x, node.y
    strides = row_major(y.shape)
    first = sum(s * before for s, (before, _) in zip(strides, sides(node), strict=True))
    return moves.strided_copy(x, y, x.shape, moves.dense(x.shape), (first, strides))
