"""SPACE_TO_BATCH_ND: every n-th row and column of an image with a border, as batches.

TFLM leaves the border to what its memory happens to hold. It is of zero points here, as TFLite's;
``verify`` gives TFLM the model with a PAD that makes it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import batch_blocks, checks, moves


def check(node: Node) -> None:
    checks.require_operands(node, least=3, most=3)
    batch_blocks.check(node, node.x, node.y)
    if _is_quantized(node):
        checks.require_per_tensor(node, node.y)


def _has_border(node: Node) -> bool:
    return any(map(any, batch_blocks.borders_of(node)))


def _is_quantized(node: Node) -> bool:
    """Whether there is a border of zero points."""
    return node.y.dtype is Element.S8 and _has_border(node)


def value_of(node: Node) -> int:
    """What a border is made of. Source: TFLite ``space_to_batch_nd.cc``."""
    return node.y.zero_point if _is_quantized(node) else 0


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    border = moves.filled(y, value_of(node)) if _has_border(node) else ()
    return (
        *border,
        *(
            moves.strided_copy(x, y, sizes, space, batches)
            for sizes, space, batches in batch_blocks.nests(node, x, y)
        ),
    )


def fold(node: Node, values: Sequence[Array]) -> Array:
    sides = ((0, 0), *batch_blocks.borders_of(node), (0, 0))
    whole = np.pad(values[0], sides, constant_values=value_of(node))
    count, *rest = whole.shape
    shape = [count]
    block = batch_blocks.block_of(node)
    for size, extent in zip(block, rest, strict=False):
        shape += [extent // size, size]
    axes = len(block)
    order = (*range(2, 2 * axes + 1, 2), 0, *range(1, 2 * axes, 2), 2 * axes + 1)
    return whole.reshape(*shape, rest[-1]).transpose(order).reshape(node.y.shape)


OPERATOR = Operator(
    code=38,
    name="SPACE_TO_BATCH_ND",
    options=no_options,
    types=like_all((Element.S8, Element.F32), Element.S32),
    check=check,
    reference=(moves.copies("SPACE_TO_BATCH_ND", calls_reference, fills=True),),
    fold=fold,
    leaves_open=True,
)
