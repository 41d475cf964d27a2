"""SPACE_TO_BATCH_ND: every n-th row and column of an image, as batches."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import batch_blocks, checks, moves


def check(node: Node) -> None:
    checks.require_operands(node, least=3, most=3)
    batch_blocks.check(node, node.x, node.y)
    node.require(
        not any(map(any, batch_blocks.borders_of(node))),
        "SPACE_TO_BATCH_ND with a border: TFLM fills it with what its memory happens to hold.",
        tries=("PAD before it, and no border",),
    )


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    return tuple(
        moves.strided_copy(x, y, sizes, space, batches)
        for sizes, space, batches in batch_blocks.nests(node, x, y)
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    count, *rest = node.x.shape
    shape = [count]
    block = batch_blocks.block_of(node)
    for size, extent in zip(block, rest, strict=False):
        shape += [extent // size, size]
    axes = len(block)
    order = (*range(2, 2 * axes + 1, 2), 0, *range(1, 2 * axes, 2), 2 * axes + 1)
    return values[0].reshape(*shape, rest[-1]).transpose(order).reshape(node.y.shape)


OPERATOR = Operator(
    code=38,
    name="SPACE_TO_BATCH_ND",
    options=no_options,
    types=like_all((Element.S8, Element.F32), Element.S32),
    check=check,
    reference=(moves.copies("SPACE_TO_BATCH_ND", calls_reference),),
    fold=fold,
)
