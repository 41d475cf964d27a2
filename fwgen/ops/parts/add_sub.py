"""The common part of ADD and SUB: operands brought to one scale, with fractional bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.channels import ChannelRule, Ints, Reach, channelwise
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import broadcast, checks
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.overlap import in_place

TYPES = (S8_ALL, S16_ALL)

FRACTION_BITS = {Element.S8: 20, Element.S16: 15}
"""Of operands at their common scale: the sum of two must stay below 2**31 in magnitude.

It is at most 2**28 with s8, and 2**30 with s16, whose zero points are 0. Source: TFLM
``add_common.cc``.
"""


def fraction_bits(node: Node) -> int:
    """Fractional bits that the op's operands get at their common scale."""
    return FRACTION_BITS[node.y.dtype]


def multipliers(node: Node) -> tuple[float, float, float]:
    """Real multipliers of input 1, of input 2 and of their sum or difference.

    Source: TFLM ``add_common.cc``, ``CalculateOpDataAdd``, which calculates in double. So does SUB
    in the wheel that fwgen compares with; TFLM's sources of August 2026 have float32 there.
    """
    a, b, y = node.x, node.w, node.y
    twice = 2 * max(a.scale, b.scale)
    unit = (1 << fraction_bits(node)) * y.scale
    return a.scale / twice, b.scale / twice, twice / unit


def scales(node: Node) -> tuple[tuple[int, int], ...]:
    """``multipliers`` as integers with their shifts."""
    return tuple(map(quantize_multiplier, multipliers(node)))


def check(node: Node) -> None:
    """Of the multipliers only the third can be 1 or more, on which TFLM aborts.

    Source: TFLite ``quantization_util.cc``, ``QuantizeMultiplierSmallerThanOneExp``.
    """
    broadcast.check_quantized(node)
    for index in (*node.inputs, *node.outputs):
        checks.require_symmetric(node, node.tensors[index])
    real, bits = multipliers(node)[2], fraction_bits(node)
    node.require(
        real < 1.0,
        f"By its scales {node.code} multiplies by {real * (1 << bits):g}, expected less than "
        f"2**{bits}.",
    )


def result(node: Node, sign: int, first: Ints, second: Ints) -> Ints:
    """The output for values of both inputs; the second one's ``sign`` is 1 or -1."""
    a, b, y = node.x, node.w, node.y
    (m1, s1), (m2, s2), (m, s) = scales(node)
    bits = fraction_bits(node)
    scaled1 = requantize((first - a.zero_point) << bits, m1, s1)
    scaled2 = requantize((second - b.zero_point) << bits, m2, s2)
    raw = requantize(scaled1 + sign * scaled2, m, s) + y.zero_point
    activation = Activation(node.options.activation)
    return np.clip(raw, *checks.activation_range(activation, y))


def channels(node: Node, sign: int) -> ChannelRule | None:
    """Rises with input 1, and rises (``sign`` 1) or falls (-1) with input 2."""
    a, b, y = node.x, node.w, node.y
    if not (a.shape == b.shape == y.shape and a.data is None and b.data is None and y.shape):
        return None

    def reach(node: Node, inputs: Sequence[Reach]) -> Reach:
        one, two = inputs
        low, high = (two.low, two.high) if sign > 0 else (two.high, two.low)
        return Reach(result(node, sign, one.low, low), result(node, sign, one.high, high))

    return channelwise(reach)


def _cost_reference(node: Node) -> float:
    return 80.0 * node.y.elements


def _reference(op: str, kernel: str, types: Types) -> Kernel:
    """The row of a reference kernel, which takes ``fw_add_sub_params``."""

    def calls(node: Node) -> tuple[Call, ...]:
        params = Params("fw_add_sub_params", _fields(node))
        return (Call(f"fw_{kernel}", (params, *map(Ref, (*node.inputs, *node.outputs)))),)

    return Kernel(
        op, kernel, "reference", one_form(calls, _cost_reference, in_place), types=(types,)
    )


def operator(code: int, name: str, sign: int) -> Operator:
    """The operator ``name`` with its kernels; ``sign`` is -1 for a difference."""

    def fold(node: Node, values: Sequence[Array]) -> Array:
        first, second = (v.astype(np.int64) for v in values)
        return result(node, sign, first, second).astype(node.y.dtype.numpy)

    return Operator(
        code=code,
        name=name,
        options=broadcast.read_options,
        types=TYPES,
        check=check,
        channels=lambda node: channels(node, sign),
        reference=(
            _reference(name, f"{name.lower()}_s8", S8_ALL),
            _reference(name, f"{name.lower()}_s16", S16_ALL),
        ),
        fold=fold,
        elementwise=True,
        clamps=True,
    )


def _fields(node: Node) -> broadcast.ParamFields:
    a, b, y = node.x, node.w, node.y
    (multiplier1, shift1), (multiplier2, shift2), (multiplier, shift) = scales(node)
    low, high = checks.activation_range(Activation(node.options.activation), y)
    return (
        *broadcast.loop_fields(node),
        ("input1_zero_point", a.zero_point),
        ("input1_multiplier", multiplier1),
        ("input1_shift", shift1),
        ("input2_zero_point", b.zero_point),
        ("input2_multiplier", multiplier2),
        ("input2_shift", shift2),
        ("output_multiplier", multiplier),
        ("output_shift", shift),
        ("output_zero_point", y.zero_point),
        ("activation_min", low),
        ("activation_max", high),
    )
