"""GATHER_ND: the parts of a tensor that indices of several numbers name.

A number that is out of range at run time counts as the nearest one in range; TFLM ends the
inference with an error then. A constant one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import block_copies, checks
from fwgen.ops.parts.loop_nest import row_major

MOST_NUMBERS = 5
TYPES = like_all((Element.S8, Element.F32), Element.S32)


def blocks_of(node: Node) -> block_copies.Blocks:
    shape, depth = node.x.shape, node.w.shape[-1]
    return block_copies.Blocks(
        batches=1,
        outer=1,
        count=node.w.elements // depth,
        block=prod(shape[depth:]),
        batch_stride=0,
        outer_stride=0,
        limits=shape[:depth],
        strides=row_major(shape)[:depth],
    )


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, w = node.x, node.w
    node.require(w.shape != (), f"The indices (tensor {w.index}) are a scalar.")
    depth, most = w.shape[-1], min(MOST_NUMBERS, len(x.shape))
    node.require(
        depth <= most,
        f"The indices (tensor {w.index}) have {depth} numbers each, expected at most {most}.",
    )
    checks.require_shape(node, node.y, (*w.shape[:-1], *x.shape[depth:]))
    block_copies.require_inside(node, w, x.shape[:depth])


def calls_reference(node: Node) -> tuple[Call, ...]:
    return (block_copies.gather(node.x, node.w, node.y, blocks_of(node)),)


def indices(node: Node) -> dict[int, tuple[range, ...]]:
    return {1: tuple(map(range, node.x.shape[: node.w.shape[-1]]))}


def fold(node: Node, values: Sequence[Array]) -> Array:
    return blocks_of(node).gathered(values[0], values[1])


OPERATOR = Operator(
    code=107,
    name="GATHER_ND",
    options=no_options,
    types=TYPES,
    check=check,
    reference=(block_copies.row("GATHER_ND", "gather", calls_reference, TYPES),),
    fold=fold,
    indices=indices,
)
