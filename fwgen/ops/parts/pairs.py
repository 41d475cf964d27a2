"""Pairs of elements of two operands, which broadcast: rows and definitions of ops on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Arg, Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element, Types
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops.parts import broadcast
from fwgen.ops.parts.by_type import Definition, Fold
from fwgen.ops.parts.checks import Activation, clamp_of
from fwgen.ops.parts.overlap import in_place

FieldsOf = Callable[[Node], broadcast.ParamFields]
"""The members of a kernel's parameters after those of the loops."""

Function = Callable[..., Array]
"""The output for the elements of both operands, as arrays that broadcast."""


def no_fields(node: Node) -> broadcast.ParamFields:
    """Of kernels that need nothing but the loops."""
    return ()


def rescaled_by(factor: Callable[[Node], float]) -> FieldsOf:
    """Members of ``fw_mul_params``: raw results are multiplied by ``factor``, then clamped."""

    def fields(node: Node) -> broadcast.ParamFields:
        multiplier, shift = quantize_multiplier(factor(node))
        low, high = clamp_of(node)
        return (
            ("input1_zero_point", node.x.zero_point),
            ("input2_zero_point", node.w.zero_point),
            ("output_zero_point", node.y.zero_point),
            ("output_multiplier", multiplier),
            ("output_shift", shift),
            ("activation_min", low),
            ("activation_max", high),
        )

    return fields


def nothing_more(node: Node) -> tuple[Arg, ...]:
    """Of kernels without arguments between parameters and tensors."""
    return ()


@dataclass(frozen=True)
class PairKernel:
    """A reference kernel for some types: it takes ``params`` and ``more``, then both operands and
    the output. ``cycles`` are those of an element."""

    name: str
    types: Types
    params: str = "fw_pairs"
    fields: FieldsOf = no_fields
    more: Callable[[Node], tuple[Arg, ...]] = nothing_more
    cycles: float = 14.0


def definition(op: str, kernel: PairKernel, fold: Fold) -> Definition:
    """An op by a kernel for pairs of elements."""

    def calls(node: Node) -> tuple[Call, ...]:
        made = Params(kernel.params, (*broadcast.loop_fields(node), *kernel.fields(node)))
        tensors = map(Ref, (*node.inputs, *node.outputs))
        return (Call(f"fw_{kernel.name}", (made, *kernel.more(node), *tensors)),)

    def cost(node: Node) -> float:
        return kernel.cycles * node.y.elements + 60.0

    forms = one_form(calls, cost, in_place)
    return Definition(Kernel(op, kernel.name, "reference", forms, types=(kernel.types,)), fold)


def raw(op: str, element: Element, function: Function, cycles: float = 14.0) -> Definition:
    """An op on the values as they are, of a kernel that needs nothing but the loops."""

    def fold(node: Node, values: Sequence[Array]) -> Array:
        return function(*values).astype(node.y.dtype.numpy)

    kernel = PairKernel(f"{op.lower()}_{element.suffix}", (element, element), cycles=cycles)
    return definition(op, kernel, fold)


FLOAT_BOUNDS = {
    Activation.NONE: (float(np.finfo(np.float32).min), float(np.finfo(np.float32).max)),
    Activation.RELU: (0.0, float(np.finfo(np.float32).max)),
    Activation.RELU6: (0.0, 6.0),
    Activation.RELU_N1_TO_1: (-1.0, 1.0),
}
"""Of fused activations: without one TFLM has the greatest number in the place of an infinity."""


def whole(
    op: str, function: Function, cycles: float = 16.0, *, activated: bool = True
) -> Definition:
    """An op on int32: ``function`` of int64 values, which wraps to 32 bits, then the activation.

    Source: TFLite ``kernel_util.h``, ``CalculateActivationRange``.
    """

    def bounds(node: Node) -> tuple[int, int]:
        activation = Activation(node.options.activation) if activated else Activation.NONE
        low, high = FLOAT_BOUNDS[activation]
        least, most = node.y.dtype.limits
        return int(max(low, least)), int(min(high, most))

    def fields(node: Node) -> broadcast.ParamFields:
        low, high = bounds(node)
        return (("low", low), ("high", high))

    def fold(node: Node, values: Sequence[Array]) -> Array:
        found = function(*(v.astype(np.int64) for v in values))
        clamped: Array = np.clip(found.astype(np.int32), *bounds(node)).astype(np.int32)
        return clamped

    types = (Element.S32, Element.S32)
    kernel = PairKernel(f"{op.lower()}_s32", types, "fw_clamped_pairs", fields, cycles=cycles)
    return definition(op, kernel, fold)


def real(op: str, function: Function, cycles: float = 16.0) -> Definition:
    """An op on float32, rounded as IEEE has it, then clamped by the activation."""

    def bounds(node: Node) -> tuple[Arg, ...]:
        low, high = FLOAT_BOUNDS[Activation(node.options.activation)]
        return (Constant("bounds", np.array([low, high], np.float32)),)

    def fold(node: Node, values: Sequence[Array]) -> Array:
        low, high = map(np.float32, FLOAT_BOUNDS[Activation(node.options.activation)])
        with np.errstate(all="ignore"):
            found = function(*values)
        raised = np.where(found < low, low, found)
        clamped: Array = np.where(high < raised, high, raised).astype(np.float32)
        return clamped

    types = (Element.F32, Element.F32)
    return definition(op, PairKernel(f"{op.lower()}_f32", types, more=bounds, cycles=cycles), fold)
