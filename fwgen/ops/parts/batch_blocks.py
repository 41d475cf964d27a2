"""Batch blocks: images of every n-th row and column, which are batches of another tensor.

Batch (p * columns of a block + q) * batches + n has the pixels of image n in rows p, p + rows of a
block, and so on; of columns likewise. The image has a border around it, which is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from fwgen.contract.node import Node
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import Ints, row_major
from fwgen.ops.parts.moves import Layout

LEAST_DIMENSIONS, MOST_DIMENSIONS = 3, 4


def block_of(node: Node) -> Ints:
    """Rows, or rows and columns, of a block."""
    return moves.constant_ints(node, node.w, "block shape")


def borders_of(node: Node) -> tuple[tuple[int, int], ...]:
    """(before, after) of rows, or of rows and columns."""
    return moves.constant_pairs(node, node.input(2), "borders")


def check(node: Node, space: Tensor, batches: Tensor) -> None:
    """Require that ``batches`` has the images of ``space`` with borders."""
    rank = len(node.x.shape)
    node.require(
        LEAST_DIMENSIONS <= rank <= MOST_DIMENSIONS,
        f"{node.code} of {rank} dimensions; {LEAST_DIMENSIONS} to {MOST_DIMENSIONS} are supported.",
    )
    checks.require_rank(node, node.y, rank)
    checks.require_shape(node, node.w, (rank - 2,))
    checks.require_shape(node, node.input(2), (rank - 2, 2))
    block, borders = block_of(node), borders_of(node)
    node.require(
        min(block) >= 1 and min(min(pair) for pair in borders) >= 0,
        f"{node.code} has blocks of {list(block)} and borders of {list(map(list, borders))}, "
        "expected no block below 1 and no border below 0.",
    )
    taken = 1
    for d, (size, (before, after)) in enumerate(zip(block, borders, strict=True), 1):
        whole = space.shape[d] + before + after
        node.require(
            whole == batches.shape[d] * size,
            f"{whole} positions along dimension {d}, borders included, are not "
            f"{batches.shape[d]} blocks of {size}.",
        )
        taken *= size
    expected = (space.shape[0] * taken, *batches.shape[1:-1], space.shape[-1])
    checks.require_shape(node, batches, expected)


@dataclass(frozen=True)
class _Run:
    """Positions ``phase`` to ``phase + phases`` in blocks ``first`` to ``first + blocks`` of an
    axis: all inside the image, where the first one is ``at``."""

    phase: int
    phases: int
    first: int
    blocks: int
    at: int


def _runs(extent: int, block: int, before: int) -> Iterator[_Run]:
    """The positions of an axis, taken apart by block and border, in at most three runs.

    From one to the next changes which block is the first inside, or the last.
    """
    turns = sorted({0, before % block, (before + extent) % block, block})
    for phase, end in pairwise(turns):
        first = -(-max(before - phase, 0) // block)
        blocks = (before + extent - 1 - phase) // block + 1 - first
        if blocks > 0:
            yield _Run(phase, end - phase, first, blocks, first * block + phase - before)


def nests(node: Node, space: Tensor, batches: Tensor) -> Iterator[tuple[Ints, Layout, Layout]]:
    """Sizes of loop nests that together go over all pixels of ``space``, and layouts of both."""
    block, borders = block_of(node), borders_of(node)
    count, *extents, channels = space.shape
    axes = zip(extents, block, borders, strict=True)
    each = [list(_runs(extent, size, before)) for extent, size, (before, _) in axes]
    image, *lines, _ = row_major(space.shape)
    batch, *others, _ = row_major(batches.shape)
    apart = [count * batch]  # from one position in a block to the next, of each axis
    for size in block[:0:-1]:
        apart.insert(0, apart[0] * size)
    for runs in product(*each):
        sizes = [*(r.phases for r in runs), count, *(r.blocks for r in runs), channels]
        steps = [line * size for line, size in zip(lines, block, strict=True)]
        at = sum(r.at * line for r, line in zip(runs, lines, strict=True))
        into = sum(
            r.phase * step + r.first * other
            for r, step, other in zip(runs, apart, others, strict=True)
        )
        yield (
            tuple(sizes),
            (at, (*lines, image, *steps, 1)),
            (into, (*apart, batch, *others, 1)),
        )
