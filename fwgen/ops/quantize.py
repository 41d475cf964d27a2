"""QUANTIZE: float32 to int8, or int8 to the scale and zero point of another int8 tensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import S8_ALL, Element
from fwgen.ops.parts import checks, value_table

FLOAT = (Element.F32, Element.S8)
"""From float32."""


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    if not is_float(node):
        # source: TFLM quantize_common.cc
        value_table.check(node)
        checks.require_factors(node, (x.scale / y.scale,))
    else:
        checks.require_per_tensor(node, y)
        checks.require_shape(node, y, x.shape)
        checks.require_normal(node, y)


def calls_float(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    params = Params(
        "fw_quantize_f32_s8_params", (("elements", x.elements), ("zero_point", y.zero_point))
    )
    scale = Constant("scale", np.array([y.scale], np.float32))
    return (Call("fw_quantize_f32_s8", (params, scale, Ref(x.index), Ref(y.index))),)


def cost_float(node: Node) -> float:
    return 40.0 * node.x.elements


def is_float(node: Node) -> bool:
    return node.x.dtype is Element.F32


ENTRIES = value_table.entries_by(value_table.rescale)
"""From int8 to int8."""


def fold(node: Node, values: Sequence[Array]) -> Array:
    """What the kernels do; from float32 as ``fw_quantize_f32_s8``, infinities and NaNs included."""
    if not is_float(node):
        return value_table.lookup_fold(ENTRIES)(node, values)
    y = node.y
    with np.errstate(over="ignore"):
        real = values[0].astype(np.float32) / np.float32(y.scale)
    value = np.clip(np.nan_to_num(real), y.dtype.low - y.zero_point, y.dtype.high - y.zero_point)
    whole = np.trunc(value)
    rest = value - whole
    rounded: Array = whole + (rest >= 0.5) - (rest <= -0.5) + y.zero_point
    return rounded.astype(y.dtype.numpy)


OPERATOR = Operator(
    code=114,
    name="QUANTIZE",
    options=no_options,
    types=(FLOAT, S8_ALL),
    check=check,
    reference=(
        Kernel(
            "QUANTIZE",
            "quantize_f32_s8",
            "reference",
            one_form(calls_float, cost_float),
            types=(FLOAT,),
        ),
        value_table.lookup_row("QUANTIZE", ENTRIES),
    ),
    fold=fold,
    elementwise=True,
)
