"""Image blocks: square blocks of pixels that are channels of one pixel in another tensor."""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.contract.node import Node
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks
from fwgen.ops.parts.loop_nest import Ints, row_major
from fwgen.ops.parts.moves import Layout


@dataclass(frozen=True)
class Options:
    """The schema's ``SpaceToDepthOptions`` and ``DepthToSpaceOptions``: rows of a block."""

    block: int


def check(node: Node, space: Tensor, depth: Tensor) -> None:
    """Require that ``depth`` (n, h, w, c) has blocks of ``space`` as its channels."""
    block = node.options.block
    for tensor in (space, depth):
        checks.require_rank(node, tensor, 4)
    node.require(block >= 1, f"{node.code} has blocks of {block} rows, expected 1 or more.")
    n, h, w, c = depth.shape
    node.require(
        c % (block * block) == 0,
        f"{c} channels are not made of blocks of {block} x {block} pixels.",
    )
    checks.require_shape(node, space, (n, h * block, w * block, c // (block * block)))


def nest(node: Node, space: Tensor) -> tuple[Ints, Layout, Layout]:
    """Sizes of a nest over all elements, and the layouts of both tensors."""
    block = node.options.block
    n, rows, columns, c = space.shape
    sizes = (n, rows // block, block, columns // block, block * c)
    image, row, column, _ = row_major(space.shape)
    in_space = (image, row * block, row, column * block, 1)
    unit = block * block * c
    across = columns // block * unit
    in_depth = (image, across, block * c, unit, 1)
    return sizes, (0, in_space), (0, in_depth)
