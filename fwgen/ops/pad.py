"""PAD: zeros (zero points) around a tensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import Element, like_all
from fwgen.ops.parts import checks, moves, paddings


def check(node: Node) -> None:
    checks.require_operands(node, least=2, most=2)
    if _is_quantized(node):
        checks.require_per_tensor(node, node.y)
    paddings.check(node)


def _is_quantized(node: Node) -> bool:
    """Whether it pads with zero points; TFLM pads int16 with 0 in any case."""
    return node.y.dtype is Element.S8 and node.y.quant is not None


def value_of(node: Node) -> int:
    """With what the op pads."""
    return node.y.zero_point if _is_quantized(node) else 0


def calls_reference(node: Node) -> tuple[Call, ...]:
    """Fill the output, then copy the input to its middle."""
    return (*moves.filled(node.y, value_of(node)), paddings.middle(node))


def fold(node: Node, values: Sequence[Array]) -> Array:
    return np.pad(values[0], paddings.sides(node), constant_values=value_of(node))


OPERATOR = Operator(
    code=34,
    name="PAD",
    options=lambda _: None,
    types=like_all(moves.NUMBERS, Element.S32),
    check=check,
    reference=(moves.copies("PAD", calls_reference, fills=True),),
    fold=fold,
)
