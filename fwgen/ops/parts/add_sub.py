"""The common part of ADD and SUB: operands brought to one scale, with fractional bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fwgen.contract.channels import ChannelRule, Ints, Reach, channelwise
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import broadcast, by_type, checks, pairs
from fwgen.ops.parts.by_type import Definition
from fwgen.ops.parts.checks import Activation

TYPES = (S8_ALL, S16_ALL)

FRACTION_BITS = {Element.S8: 20, Element.S16: 15}
"""Of operands at their common scale: the sum of two must stay below 2**31 in magnitude.

It is at most 2**28 with s8, and 2**30 with s16. With zero points of s16 an operand has 17 bits, and
the sum of two is at most 2**31 - 2**15. Source: TFLM ``add_common.cc``.
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
    """Of int8 and int16, only the third multiplier can be 1 or more, on which TFLM aborts.

    Source: TFLite ``quantization_util.cc``, ``QuantizeMultiplierSmallerThanOneExp``.
    """
    broadcast.check_arithmetic(node, symmetric=False)
    if node.y.dtype not in FRACTION_BITS:
        outputs = (node.y,) if node.code == "SUB" else ()  # ADD does not look at it
        for tensor in (node.x, node.w, *outputs):
            checks.require_unquantized(node, tensor)
        return
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


def scaled_fields(
    node: Node, multipliers: Sequence[tuple[int, int]], limits: tuple[int, int]
) -> broadcast.ParamFields:
    """Members of ``fw_add_sub_params`` after those of the loops: with the multipliers of both
    inputs and of the output, and the limits of the latter."""
    tensors = (("input1", node.x), ("input2", node.w), ("output", node.y))
    found: list[tuple[str, int | tuple[int, ...]]] = []
    for (name, tensor), (multiplier, shift) in zip(tensors, multipliers, strict=True):
        zero_point = (f"{name}_zero_point", tensor.zero_point)
        scale = ((f"{name}_multiplier", multiplier), (f"{name}_shift", shift))
        found += (*scale, zero_point) if name == "output" else (zero_point, *scale)
    return (*found, ("activation_min", limits[0]), ("activation_max", limits[1]))


def operator(code: int, name: str, sign: int, *, activated: bool) -> Operator:
    """The operator ``name`` with its kernels; ``sign`` is -1 for a difference.

    ``activated`` says whether TFLM heeds the fused activation of int32.
    """

    def fold(node: Node, values: Sequence[Array]) -> Array:
        first, second = (v.astype(np.int64) for v in values)
        return result(node, sign, first, second).astype(node.y.dtype.numpy)

    def fields(node: Node) -> broadcast.ParamFields:
        return scaled_fields(node, scales(node), checks.clamp_of(node))

    def quantized(types: Types) -> Definition:
        suffix = Element.S8.suffix if types is S8_ALL else Element.S16.suffix
        kernel = f"{name.lower()}_{suffix}"
        made = pairs.PairKernel(kernel, types, "fw_add_sub_params", fields, cycles=80.0)
        return replace(
            pairs.definition(name, made, fold), channels=lambda node: channels(node, sign)
        )

    function = np.add if sign > 0 else np.subtract
    return by_type.operator(
        code,
        name,
        check,
        *map(quantized, TYPES),
        pairs.whole(name, function, activated=activated),
        pairs.real(name, function),
        options=broadcast.read_options,
        clamps=True,
    )
