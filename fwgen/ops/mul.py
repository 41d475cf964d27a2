"""MUL: product with broadcasting and a fused clamp."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator
from fwgen.model.element import S8_ALL
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import broadcast, checks
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.overlap import in_place


def factor(node: Node) -> float:
    """Real multiplier of the product. Source: TFLM ``mul_common.cc``, ``CalculateOpDataMul``."""
    a, b, y = node.x, node.w, node.y
    return a.scale * b.scale / y.scale


def check(node: Node) -> None:
    broadcast.check_quantized(node)
    checks.require_factors(node, (factor(node),))


def calls_reference(node: Node) -> tuple[Call, ...]:
    a, b, y = node.x, node.w, node.y
    multiplier, shift = quantize_multiplier(factor(node))
    low, high = checks.activation_range(Activation(node.options.activation), y)
    params = Params(
        "fw_mul_s8_params",
        (
            *broadcast.loop_fields(node),
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


def cost_reference(node: Node) -> float:
    return 45.0 * node.y.elements


def fold(node: Node, values: Sequence[Array]) -> Array:
    y = node.y
    a, b = (v.astype(np.int64) - node.input(i).zero_point for i, v in enumerate(values))
    product = requantize(a * b, *quantize_multiplier(factor(node))) + y.zero_point
    activation = Activation(node.options.activation)
    return np.clip(product, *checks.activation_range(activation, y)).astype(y.dtype.numpy)


OPERATOR = Operator(
    code=18,
    name="MUL",
    options=broadcast.read_options,
    types=(S8_ALL,),
    check=check,
    reference=(
        Kernel(
            "MUL",
            "mul_s8",
            "reference",
            one_form(calls_reference, cost_reference, in_place),
            types=(S8_ALL,),
        ),
    ),
    fold=fold,
    elementwise=True,
    clamps=True,
)
