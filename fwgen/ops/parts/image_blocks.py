"""Image blocks: square blocks of pixels that are channels of one pixel in another tensor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import Ints, row_major
from fwgen.ops.parts.moves import Layout


@dataclass(frozen=True)
class Options:
    """The schema's ``SpaceToDepthOptions`` and ``DepthToSpaceOptions``: rows of a block."""

    block: int


def read_options(fields: Fields) -> Options:
    return Options(block=fields.i32(0))


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


def operator(
    code: int, name: str, fold: Callable[[Node, Sequence[Array]], Array], *, into_space: bool
) -> Operator:
    """An operator that makes pixels of channels, ``into_space``, or channels of pixels."""

    def check_both(node: Node) -> None:
        checks.require_operands(node, least=1, most=1)
        check(node, *((node.y, node.x) if into_space else (node.x, node.y)))

    def calls(node: Node) -> tuple[Call, ...]:
        sizes, space, depth = nest(node, node.y if into_space else node.x)
        layouts = (depth, space) if into_space else (space, depth)
        return (moves.strided_copy(node.x, node.y, sizes, *layouts),)

    return Operator(
        code=code,
        name=name,
        options=read_options,
        types=like_all((Element.S8, Element.F32)),
        check=check_both,
        reference=(moves.copies(name, calls),),
        fold=fold,
    )
