"""SPACE_TO_DEPTH: blocks of an image as channels."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, image_blocks, moves


def read_options(fields: Fields) -> image_blocks.Options:
    return image_blocks.Options(block=fields.i32(0))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    image_blocks.check(node, node.x, node.y)


def calls_reference(node: Node) -> tuple[Call, ...]:
    sizes, space, depth = image_blocks.nest(node, node.x)
    return (moves.strided_copy(node.x, node.y, sizes, space, depth),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    n, h, w, c = node.x.shape
    b = node.options.block
    blocks = values[0].reshape(n, h // b, b, w // b, b, c)
    return blocks.transpose(0, 1, 3, 2, 4, 5).reshape(node.y.shape)


OPERATOR = Operator(
    code=26,
    name="SPACE_TO_DEPTH",
    options=read_options,
    types=like_all((Element.S8, Element.F32)),
    check=check,
    reference=(moves.copies("SPACE_TO_DEPTH", calls_reference),),
    fold=fold,
)
