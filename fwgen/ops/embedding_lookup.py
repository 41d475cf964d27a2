"""EMBEDDING_LOOKUP: the rows of a table that numbers name.

A number that is out of range at run time counts as the nearest one in range; TFLM ends the
inference with an error then. A constant one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import block_copies, checks

TYPES = tuple((Element.S32, element, element) for element in (Element.S8, Element.F32))


def blocks_of(node: Node) -> block_copies.Blocks:
    return block_copies.along(node.w, 0, 0, node.x.elements)


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    numbers, rows = node.x, node.w
    checks.require_rank(node, numbers, 1)
    node.require(
        len(rows.shape) >= 2,
        f"The table (tensor {rows.index}) has {len(rows.shape)} dimensions, expected 2 or more.",
    )
    checks.require_shape(node, node.y, (numbers.shape[0], *rows.shape[1:]))
    block_copies.require_inside(node, numbers, rows.shape[:1])


def calls_reference(node: Node) -> tuple[Call, ...]:
    return (block_copies.gather(node.w, node.x, node.y, blocks_of(node)),)


def indices(node: Node) -> tuple[int, tuple[int, ...]]:
    return 0, node.w.shape[:1]


def fold(node: Node, values: Sequence[Array]) -> Array:
    return blocks_of(node).gathered(values[1], values[0])


OPERATOR = Operator(
    code=7,
    name="EMBEDDING_LOOKUP",
    options=no_options,
    types=TYPES,
    check=check,
    reference=(block_copies.row("EMBEDDING_LOOKUP", "gather", calls_reference, TYPES),),
    fold=fold,
    indices=indices,
)
