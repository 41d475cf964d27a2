"""What ADD and SUB have in common: operands brought to one scale, with fractional bits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Operator
from fwgen.kernels.cmsis_nn import same_shape
from fwgen.kernels.cmsis_nn.cores import Core
from fwgen.kernels.elementwise import two_operands
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import broadcast, checks
from fwgen.ops.parts.channels import ChannelRule, Ints, Reach, channelwise
from fwgen.ops.parts.checks import Activation, require
from fwgen.ops.parts.overlap import in_place

TYPES = (S8_ALL, S16_ALL)

FRACTION_BITS = {Element.S8: 20, Element.S16: 15}
"""Of operands at their common scale: the sum of two must stay below 2**31 in magnitude.

It is at most 2**28 with s8, and 2**30 with s16, whose zero points are 0. Source: TFLM
``add_common.cc``.
"""


def fraction_bits(graph: Graph, op: Op) -> int:
    """Fractional bits that the op's operands get at their common scale."""
    return FRACTION_BITS[graph.output(op).dtype]


def multipliers(graph: Graph, op: Op) -> tuple[float, float, float]:
    """Real multipliers of input 1, of input 2 and of their sum or difference.

    Source: TFLM ``add_common.cc``, ``CalculateOpDataAdd``, which calculates in double. So does SUB
    in the wheel that fwgen compares with; TFLM's sources of August 2026 have float32 there.
    """
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    twice = 2 * max(a.scale, b.scale)
    unit = (1 << fraction_bits(graph, op)) * y.scale
    return a.scale / twice, b.scale / twice, twice / unit


def scales(graph: Graph, op: Op) -> tuple[tuple[int, int], ...]:
    """``multipliers`` as integers with their shifts."""
    return tuple(map(quantize_multiplier, multipliers(graph, op)))


def check(graph: Graph, op: Op) -> None:
    """Of the multipliers only the third can be 1 or more, on which TFLM aborts.

    Source: TFLite ``quantization_util.cc``, ``QuantizeMultiplierSmallerThanOneExp``.
    """
    broadcast.check_quantized(graph, op)
    for index in (*op.inputs, *op.outputs):
        checks.require_symmetric(graph.tensors[index], graph, op)
    real, bits = multipliers(graph, op)[2], fraction_bits(graph, op)
    require(
        real < 1.0,
        f"By its scales {op.code} multiplies by {real * (1 << bits):g}, expected less than "
        f"2**{bits}.",
        graph,
        op,
    )


def result(graph: Graph, op: Op, sign: int, first: Ints, second: Ints) -> Ints:
    """The output for values of both inputs; the second one's ``sign`` is 1 or -1."""
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    (m1, s1), (m2, s2), (m, s) = scales(graph, op)
    bits = fraction_bits(graph, op)
    scaled1 = requantize((first - a.zero_point) << bits, m1, s1)
    scaled2 = requantize((second - b.zero_point) << bits, m2, s2)
    raw = requantize(scaled1 + sign * scaled2, m, s) + y.zero_point
    activation = Activation(broadcast.options_of(op).activation)
    return np.clip(raw, *checks.activation_range(activation, y))


def channels(graph: Graph, op: Op, sign: int) -> ChannelRule | None:
    """Rises with input 1, and rises (``sign`` 1) or falls (-1) with input 2."""
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    if not (a.shape == b.shape == y.shape and a.data is None and b.data is None and y.shape):
        return None

    def reach(graph: Graph, op: Op, inputs: Sequence[Reach]) -> Reach:
        one, two = inputs
        low, high = (two.low, two.high) if sign > 0 else (two.high, two.low)
        return Reach(result(graph, op, sign, one.low, low), result(graph, op, sign, one.high, high))

    return channelwise(reach)


def _cost_reference(graph: Graph, op: Op) -> float:
    return 80.0 * graph.output(op).elements


def _reference(kernel: str, types: Types) -> Kernel:
    """The row of a reference kernel, which takes ``fw_add_sub_params``."""

    def calls(graph: Graph, op: Op) -> tuple[Call, ...]:
        params = Params("fw_add_sub_params", _fields(graph, op))
        return (Call(f"fw_{kernel}", (params, *map(Ref, (*op.inputs, *op.outputs)))),)

    return Kernel(kernel, "reference", one_form(calls, _cost_reference, in_place), types=(types,))


def operator(code: int, name: str, sign: int) -> Operator:
    """The operator ``name`` with its kernels; ``sign`` is -1 for a difference."""

    def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
        first, second = (v.astype(np.int64) for v in values)
        return result(graph, op, sign, first, second).astype(graph.output(op).dtype.numpy)

    def every_pair(graph: Graph, op: Op) -> Array:
        return result(graph, op, sign, two_operands.FIRST, two_operands.SECOND)

    return Operator(
        code=code,
        name=name,
        options=broadcast.read_options,
        types=TYPES,
        check=check,
        channels=lambda graph, op: channels(graph, op, sign),
        variants=(
            _reference(f"{name.lower()}_s8", S8_ALL),
            _reference(f"{name.lower()}_s16", S16_ALL),
            two_operands.sum_variant(every_pair),
            *two_operands.rescaled_variants(scales, sign),
            *(_CMSIS_NN if sign > 0 else ()),
        ),
        fold=fold,
        elementwise=True,
        clamps=True,
    )


def _fields(graph: Graph, op: Op) -> broadcast.ParamFields:
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    (multiplier1, shift1), (multiplier2, shift2), (multiplier, shift) = scales(graph, op)
    low, high = checks.activation_range(Activation(broadcast.options_of(op).activation), y)
    return (
        *broadcast.loop_fields(graph, op),
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


def _fields_cmsis(graph: Graph, op: Op) -> tuple[tuple[str, int], ...]:
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    (multiplier1, shift1), (multiplier2, shift2), (multiplier, shift) = scales(graph, op)
    low, high = checks.activation_range(Activation(broadcast.options_of(op).activation), y)
    return (
        ("input1_offset", -a.zero_point),
        ("input1_multiplier", multiplier1),
        ("input1_shift", shift1),
        ("input2_offset", -b.zero_point),
        ("input2_multiplier", multiplier2),
        ("input2_shift", shift2),
        ("left_shift", fraction_bits(graph, op)),
        ("output_offset", y.zero_point),
        ("output_multiplier", multiplier),
        ("output_shift", shift),
        ("activation_min", low),
        ("activation_max", high),
    )


CYCLES_CMSIS = {Core.MVE: 16.3, Core.DSP: 92.5, Core.PLAIN: 108.0}
"""Per element."""

_CMSIS_NN = same_shape.arithmetic("cmsis_elementwise_add_s8", _fields_cmsis, CYCLES_CMSIS)
