"""Real functions of float32, rounded as IEEE 754 has it: the same on every core."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fwgen.contract.call import Arg, Call, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import Element
from fwgen.ops.parts import by_type, checks
from fwgen.ops.parts.by_type import Definition
from fwgen.ops.parts.overlap import in_place

Real = Callable[..., Array]
"""The output for an array of float32."""


def check(node: Node) -> None:
    """Require one input and one output of the same shape."""
    checks.require_operands(node, least=1, most=1)
    checks.require_shape(node, node.y, node.x.shape)


def or_quantized(quantized: Callable[[Node], None]) -> Callable[[Node], None]:
    """``check`` of float32, and of other types ``quantized``."""

    def either(node: Node) -> None:
        if len(node.inputs) > 0 and node.x.dtype is Element.F32:
            check(node)
        else:
            quantized(node)

    return either


def definition(
    op: str,
    function: Callable[[Node, Array], Array],
    more: Callable[[Node], tuple[Arg, ...]] = lambda node: (),
    cycles: float = 9.0,
) -> Definition:
    """The definition of an op for float32: its kernel takes ``more``, input, output and a count."""
    kernel = f"{op.lower()}_f32"

    def calls(node: Node) -> tuple[Call, ...]:
        tensors = Ref(node.x.index), Ref(node.y.index)
        return (Call(f"fw_{kernel}", (*more(node), *tensors, node.x.elements)),)

    def cost(node: Node) -> float:
        return cycles * node.x.elements

    def fold(node: Node, values: Sequence[Array]) -> Array:
        with np.errstate(all="ignore"):
            found: Array = np.asarray(function(node, values[0]), np.float32)
        return found

    types = ((Element.F32, Element.F32),)
    return Definition(
        Kernel(op, kernel, "reference", one_form(calls, cost, in_place), types=types), fold
    )


def operator(code: int, name: str, function: Real, cycles: float = 9.0) -> Operator:
    """An operator that takes nothing but float32."""
    made = definition(name, lambda node, values: function(values), cycles=cycles)
    return by_type.operator(code, name, check, made)


def square_root(values: Array) -> Array:
    """Of numbers below 0 the NaN that the C has."""
    return np.where(np.less(values, 0), np.float32(np.nan), np.sqrt(np.abs(values)))
