"""BATCH_TO_SPACE_ND: batches as every n-th row and column of an image, less its border."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import batch_blocks, checks, moves


def check(node: Node) -> None:
    checks.require_operands(node, least=3, most=3)
    batch_blocks.check(node, node.y, node.x)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    return tuple(
        moves.strided_copy(x, y, sizes, batches, space)
        for sizes, space, batches in batch_blocks.nests(node, y, x)
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    block, borders = batch_blocks.block_of(node), batch_blocks.borders_of(node)
    axes, x, y = len(block), node.x, node.y
    order = [axes]
    for d in range(axes):
        order += [axes + 1 + d, d]
    blocks = values[0].reshape(*block, y.shape[0], *x.shape[1:]).transpose(*order, 2 * axes + 1)
    extents = (n * size for n, size in zip(x.shape[1:], block, strict=False))
    whole = blocks.reshape(y.shape[0], *extents, y.shape[-1])
    inside = zip(borders, y.shape[1:], strict=False)
    return whole[:, *(slice(before, before + size) for (before, _), size in inside)]


OPERATOR = Operator(
    code=37,
    name="BATCH_TO_SPACE_ND",
    options=no_options,
    types=like_all((Element.S8, Element.F32), Element.S32),
    check=check,
    reference=(moves.copies("BATCH_TO_SPACE_ND", calls_reference),),
    fold=fold,
)
