"""TRANSPOSE: dimensions in another order."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves
from fwgen.ops.parts.loop_nest import Ints, row_major

MOST_DIMENSIONS = 5


def order_of(node: Node) -> Ints:
    """The input dimension that each output dimension is."""
    return moves.constant_ints(node, node.w, "permutation")


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    x, order = node.x, order_of(node)
    checks.require_rank(node, node.w, 1)
    rank = len(x.shape)
    node.require(
        1 <= rank <= MOST_DIMENSIONS,
        f"TRANSPOSE of {rank} dimensions; 1 to {MOST_DIMENSIONS} are supported.",
    )
    node.require(
        sorted(order) == list(range(rank)),
        f"The permutation (tensor {node.inputs[1]}) is {list(order[:8])}, expected each of 0 to "
        f"{rank - 1} once.",
    )
    checks.require_shape(node, node.y, tuple(x.shape[d] for d in order))


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    strides = row_major(x.shape)
    permuted = tuple(strides[d] for d in order_of(node))
    return (moves.strided_copy(x, y, y.shape, (0, permuted), (0, row_major(y.shape))),)


def fold(node: Node, values: Sequence[Array]) -> Array:
    return values[0].transpose(order_of(node))


OPERATOR = Operator(
    code=39,
    name="TRANSPOSE",
    options=lambda _: None,
    types=like_all((Element.S8, Element.S16, Element.F32), Element.S32),
    check=check,
    reference=(moves.copies("TRANSPOSE", calls_reference),),
    fold=fold,
)
