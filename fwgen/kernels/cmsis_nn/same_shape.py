"""ADD, MUL, MINIMUM and MAXIMUM by CMSIS-NN, of tensors of one shape."""

from __future__ import annotations

from collections.abc import Callable

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import Core, Fields, dims, rows
from fwgen.model.element import S8_ALL
from fwgen.model.fixed_point import quantize_multiplier
from fwgen.ops.mul import factor
from fwgen.ops.parts import add_sub
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.overlap import in_place


def one_shape(node: Node, core: Core) -> bool:
    a, b, y = node.x, node.w, node.y
    return a.shape == b.shape == y.shape


def arithmetic(
    op: str, name: str, fields: Callable[[Node], Fields], cycles: dict[Core, float]
) -> tuple[Kernel, ...]:
    """The rows of a function that takes ``elements`` and ``fields``; cycles per element."""

    def form(node: Node, core: Core) -> Form:
        count = node.y.elements
        params = Params(f"fw_{name}_params", (("elements", count), *fields(node)))
        call = Call(f"fw_{name}", (params, *map(Ref, (*node.inputs, *node.outputs))))
        return Form((call,), 100.0 + cycles[core] * count, overlap=in_place(node))

    return rows(op, name, form, one_shape, (S8_ALL,))


def same_or_scalar(node: Node, core: Core) -> bool:
    """An operand of one element may come with an operand of any shape.

    Other broadcasts would save less than their checks cost.
    """
    a, b = node.x, node.w
    if max(len(a.shape), len(b.shape)) > 4:
        return False
    return a.shape == b.shape or 1 in (a.elements, b.elements)


def comparison(op: str, name: str) -> tuple[Kernel, ...]:
    """The rows of the least or greatest of two."""

    def form(node: Node, core: Core) -> Form:
        a, b, y = node.x, node.w, node.y
        # a flat vector of each: broadcasts are none but of a scalar
        flat = tuple(
            field
            for member, tensor in (("input1", a), ("input2", b), ("output", y))
            for field in dims(member, (1, 1, 1, tensor.elements))
        )
        params = Params(f"fw_{name}_params", flat)
        call = Call(f"fw_{name}", (params, *map(Ref, (*node.inputs, *node.outputs))))
        each = 1.0 if core is Core.MVE else 10.5
        return Form((call,), 150.0 + each * y.elements, overlap=in_place(node))

    return rows(op, name, form, same_or_scalar, (S8_ALL,))


def _sum_fields(node: Node) -> tuple[tuple[str, int], ...]:
    a, b, y = node.x, node.w, node.y
    (multiplier1, shift1), (multiplier2, shift2), (multiplier, shift) = add_sub.scales(node)
    low, high = clamp_of(node)
    return (
        ("input1_offset", -a.zero_point),
        ("input1_multiplier", multiplier1),
        ("input1_shift", shift1),
        ("input2_offset", -b.zero_point),
        ("input2_multiplier", multiplier2),
        ("input2_shift", shift2),
        ("left_shift", add_sub.fraction_bits(node)),
        ("output_offset", y.zero_point),
        ("output_multiplier", multiplier),
        ("output_shift", shift),
        ("activation_min", low),
        ("activation_max", high),
    )


def _product_fields(node: Node) -> tuple[tuple[str, int], ...]:
    a, b, y = node.x, node.w, node.y
    multiplier, shift = quantize_multiplier(factor(node))
    low, high = clamp_of(node)
    return (
        ("input1_offset", -a.zero_point),
        ("input2_offset", -b.zero_point),
        ("output_offset", y.zero_point),
        ("output_multiplier", multiplier),
        ("output_shift", shift),
        ("activation_min", low),
        ("activation_max", high),
    )


_SUM = {Core.MVE: 16.3, Core.DSP: 92.5, Core.PLAIN: 108.0}
_PRODUCT = {Core.MVE: 8.8, Core.DSP: 41.0, Core.PLAIN: 50.0}
"""Cycles per element."""

KERNELS = (
    *arithmetic("ADD", "cmsis_elementwise_add_s8", _sum_fields, _SUM),
    *arithmetic("MUL", "cmsis_elementwise_mul_s8", _product_fields, _PRODUCT),
    *comparison("MINIMUM", "cmsis_minimum_s8"),
    *comparison("MAXIMUM", "cmsis_maximum_s8"),
)
