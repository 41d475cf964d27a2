"""PAD: zeros (zero points) around a tensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import row_major

MOST_DIMENSIONS = 5


def paddings(node: Node) -> tuple[tuple[int, int], ...]:
    """(before, after) of each dimension, in elements."""
    flat = moves.constant_ints(node, node.w, "paddings")
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, table, y = node.x, node.w, node.y
    if y.dtype is Element.S8:
        checks.require_per_tensor(node, y)
    rank = len(x.shape)
    node.require(
        rank <= MOST_DIMENSIONS,
        f"PAD of {rank} dimensions; at most {MOST_DIMENSIONS} are supported.",
    )
    checks.require_shape(node, table, (rank, 2))
    pairs = paddings(node)
    node.require(
        all(side >= 0 for pair in pairs for side in pair),
        f"The paddings (tensor {table.index}) have a negative number.",
    )
    shape = tuple(a + size + b for size, (a, b) in zip(x.shape, pairs, strict=True))
    checks.require_shape(node, y, shape)


def value_of(node: Node) -> int:
    """With what the op pads; TFLM pads int16 with 0 in any case."""
    y = node.y
    return y.zero_point if y.dtype is Element.S8 else 0


def calls_reference(node: Node) -> tuple[Call, ...]:
    """Fill the output, then copy the input to its middle."""
    x, y = node.x, node.y
    strides = row_major(y.shape)
    first = sum(s * before for s, (before, _) in zip(strides, paddings(node), strict=True))
    return (
        Call("fw_fill", (Ref(y.index), value_of(node), y.bytes)),
        moves.strided_copy(x, y, x.shape, (0, row_major(x.shape)), (first, strides)),
    )


def cost_reference(node: Node) -> float:
    return moves.cost_calls(calls_reference(node))


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.pad(values[0], paddings(node), constant_values=value_of(node))


REFERENCE = Kernel(
    "PAD",
    "strided_copy",
    "reference",
    one_form(calls_reference, cost_reference),
    functions=("strided_copy", "fill"),
    types=moves.ANY,
)

OPERATOR = Operator(
    code=34,
    name="PAD",
    options=lambda _: None,
    types=like_all((Element.S8, Element.S16, Element.S32, Element.F32), Element.S32),
    check=check,
    reference=(REFERENCE,),
    fold=fold,
)
