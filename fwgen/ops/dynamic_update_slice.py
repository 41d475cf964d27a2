"""DYNAMIC_UPDATE_SLICE: a tensor with a window of it replaced by another tensor.

A start of which part would be outside counts as the nearest one inside, as in TFLM.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.ops.parts import block_copies, checks, moves
from fwgen.ops.parts.loop_nest import LEVELS

TYPES = tuple((element, element, None, element) for element in moves.NUMBERS)


def check(node: Node) -> None:
    checks.require_operands(node, least=3, most=3)
    x, update, start = node.x, node.w, node.input(2)
    rank = len(x.shape)
    node.require(
        1 <= rank <= LEVELS,
        f"DYNAMIC_UPDATE_SLICE of {rank} dimensions; 1 to {LEVELS} are supported.",
    )
    moves.require_ints(node, start, "starts")
    checks.require_shape(node, start, (rank,))
    checks.require_rank(node, update, rank)
    node.require(
        all(n <= extent for n, extent in zip(update.shape, x.shape, strict=True)),
        f"A window of {list(update.shape)} is larger than {list(x.shape)}.",
    )
    checks.require_shape(node, node.y, x.shape)


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    whole = moves.strided_copy(x, y, x.shape, moves.dense(x.shape), moves.dense(y.shape))
    return (whole, block_copies.copy_at(node.w, node.input(2), y, into=True))


def indices(node: Node) -> dict[int, tuple[range, ...]]:
    pairs = zip(node.x.shape, node.w.shape, strict=True)
    return {2: tuple(range(extent - size + 1) for extent, size in pairs)}


def fold(node: Node, values: Sequence[Array]) -> Array:
    x, update, start = values
    spare = np.array(x.shape) - np.array(update.shape)
    starts = np.clip(start.reshape(-1).astype(np.int64), 0, spare).tolist()
    made = x.copy()
    made[tuple(slice(at, at + n) for at, n in zip(starts, update.shape, strict=True))] = update
    return made


OPERATOR = Operator(
    code=151,
    name="DYNAMIC_UPDATE_SLICE",
    options=no_options,
    types=TYPES,
    check=check,
    reference=(
        block_copies.row("DYNAMIC_UPDATE_SLICE", "copy_at", calls_reference, TYPES, "strided_copy"),
    ),
    fold=fold,
    indices=indices,
)
