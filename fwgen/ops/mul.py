"""MUL: product with broadcasting and a fused clamp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Operator
from fwgen.kernels.cmsis_nn import same_shape
from fwgen.kernels.cmsis_nn.cores import Core
from fwgen.kernels.elementwise import two_operands
from fwgen.model.element import S8_ALL
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import broadcast, checks
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.overlap import in_place


def factor(graph: Graph, op: Op) -> float:
    """Real multiplier of the product. Source: TFLM ``mul_common.cc``, ``CalculateOpDataMul``."""
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    return a.scale * b.scale / y.scale


def check(graph: Graph, op: Op) -> None:
    broadcast.check_quantized(graph, op)
    checks.require_factors((factor(graph, op),), graph, op)


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    multiplier, shift = quantize_multiplier(factor(graph, op))
    low, high = checks.activation_range(Activation(broadcast.options_of(op).activation), y)
    params = Params(
        "fw_mul_s8_params",
        (
            *broadcast.loop_fields(graph, op),
            ("input1_zero_point", a.zero_point),
            ("input2_zero_point", b.zero_point),
            ("output_zero_point", y.zero_point),
            ("output_multiplier", multiplier),
            ("output_shift", shift),
            ("activation_min", low),
            ("activation_max", high),
        ),
    )
    return (Call("fw_mul_s8", (params, Ref(a.index), Ref(b.index), Ref(y.index))),)


def cost_reference(graph: Graph, op: Op) -> float:
    return 45.0 * graph.output(op).elements


def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
    y = graph.output(op)
    a, b = (v.astype(np.int64) - graph.input(op, i).zero_point for i, v in enumerate(values))
    product = requantize(a * b, *quantize_multiplier(factor(graph, op))) + y.zero_point
    activation = Activation(broadcast.options_of(op).activation)
    return np.clip(product, *checks.activation_range(activation, y)).astype(y.dtype.numpy)


MVE_SHIFTS = range(-22, 0)


def numbers_mve(graph: Graph, op: Op) -> two_operands.Numbers | None:
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    multiplier, shift = quantize_multiplier(factor(graph, op))
    if shift not in MVE_SHIFTS:
        return None
    fields = (
        ("input1_zero_point", a.zero_point),
        ("input2_zero_point", b.zero_point),
        ("output_zero_point", y.zero_point),
        ("output_multiplier", multiplier),
        ("output_shift", shift),
    )
    return fields, (0, 1)


def fields_cmsis(graph: Graph, op: Op) -> tuple[tuple[str, int], ...]:
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    multiplier, shift = quantize_multiplier(factor(graph, op))
    low, high = checks.activation_range(Activation(broadcast.options_of(op).activation), y)
    return (
        ("input1_offset", -a.zero_point),
        ("input2_offset", -b.zero_point),
        ("output_offset", y.zero_point),
        ("output_multiplier", multiplier),
        ("output_shift", shift),
        ("activation_min", low),
        ("activation_max", high),
    )


CYCLES_CMSIS = {Core.MVE: 8.8, Core.DSP: 41.0, Core.PLAIN: 50.0}
"""Per element."""

OPERATOR = Operator(
    code=18,
    name="MUL",
    options=broadcast.read_options,
    types=(S8_ALL,),
    check=check,
    variants=(
        Kernel(
            "mul_s8",
            "reference",
            one_form(calls_reference, cost_reference, in_place),
            types=(S8_ALL,),
        ),
        two_operands.Elementwise("mul_s8_mve", "fw_mul_s8_mve_params", 45.0, numbers_mve).variant,
        *same_shape.arithmetic("cmsis_elementwise_mul_s8", fields_cmsis, CYCLES_CMSIS),
    ),
    fold=fold,
    elementwise=True,
    clamps=True,
)
