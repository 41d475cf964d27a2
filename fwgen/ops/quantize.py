"""QUANTIZE: numbers in the scale and zero point of another tensor, also of another type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.model.fixed_point import Int64Array, quantize_multiplier, requantize
from fwgen.ops.parts import checks, value_table
from fwgen.ops.parts.overlap import side_by_side

FLOAT = ((Element.F32, Element.S8), (Element.F32, Element.S16))
"""From float32."""

TABLES = (S8_ALL, (Element.S8, Element.U8), (Element.U8, Element.S8))
"""By a table of 256 entries."""

RESCALED = (
    (Element.S8, Element.S16),
    (Element.S8, Element.S32),
    (Element.S16, Element.S8),
    S16_ALL,
    (Element.S16, Element.S32),
    (Element.S32, Element.S8),
    (Element.S32, Element.S16),
)
"""By a multiplication for each element."""


def check(node: Node) -> None:
    """Source: TFLM ``quantize_common.cc``."""
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    checks.require_shape(node, y, x.shape)
    checks.require_per_tensor(node, y)
    if is_float(node):
        checks.require_normal(node, y)
    else:
        checks.require_per_tensor(node, x)
        checks.require_factors(node, (x.scale / y.scale,))


def is_float(node: Node) -> bool:
    return node.x.dtype is Element.F32


def rescaled(node: Node, values: Array) -> Array:
    """What ``fw_requantized`` makes of integers; sums with zero points wrap at 32 bits.

    Source: TFLite ``reference/requantize.h``, whose case of equal scales gives the same.
    """
    x, y = node.x, node.y
    factor = quantize_multiplier(x.scale / y.scale)
    moved = _wrapped(values.astype(np.int64) - x.zero_point)
    return y.dtype.clamped(_wrapped(requantize(moved, *factor) + y.zero_point))


def _wrapped(values: Int64Array) -> Int64Array:
    return values.astype(np.int32).astype(np.int64)


def entries(node: Node) -> value_table.Entries:
    return rescaled(node, value_table.values_of(node.x.dtype))


def fold(node: Node, values: Sequence[Array]) -> Array:
    """What the kernels do; from float32 as ``fw_quantize_f32_s8``, infinities and NaNs included."""
    if not is_float(node):
        return rescaled(node, values[0])
    y = node.y
    with np.errstate(over="ignore"):
        real = values[0].astype(np.float32) / np.float32(y.scale)
    value = np.clip(np.nan_to_num(real), y.dtype.low - y.zero_point, y.dtype.high - y.zero_point)
    whole = np.trunc(value)
    rest = value - whole
    rounded: Array = whole + (rest >= 0.5) - (rest <= -0.5) + y.zero_point
    return rounded.astype(y.dtype.numpy)


def _calls_float(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    params = Params("fw_quantize_params", (("elements", x.elements), ("zero_point", y.zero_point)))
    scale = Constant("scale", np.array([y.scale], np.float32))
    return (Call(f"fw_quantize_f32_{y.dtype.suffix}", (params, scale, Ref(x.index), Ref(y.index))),)


def _calls_rescaled(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    multiplier, shift = quantize_multiplier(x.scale / y.scale)
    fields = (
        ("elements", x.elements),
        ("input_zero_point", x.zero_point),
        ("multiplier", multiplier),
        ("shift", shift),
        ("output_zero_point", y.zero_point),
        ("output_min", y.dtype.low),
        ("output_max", y.dtype.high),
    )
    operands = (Params("fw_requantize_params", fields), Ref(x.index), Ref(y.index))
    return (Call(f"fw_requantize_{x.dtype.suffix}_{y.dtype.suffix}", operands),)


def _row(types: Types) -> Kernel:
    """The reference row of a pair of types that no table serves."""
    x, y = (element.suffix for element in types if element is not None)
    if types in FLOAT:
        forms = one_form(_calls_float, lambda node: 40.0 * node.x.elements)
        return Kernel("QUANTIZE", f"quantize_{x}_{y}", "reference", forms, types=(types,))
    forms = one_form(_calls_rescaled, lambda node: 24.0 * node.x.elements, side_by_side)
    return Kernel("QUANTIZE", f"requantize_{x}_{y}", "reference", forms, types=(types,))


OPERATOR = Operator(
    code=114,
    name="QUANTIZE",
    options=no_options,
    types=(*FLOAT, *TABLES, *RESCALED),
    check=check,
    reference=(
        value_table.lookup_row("QUANTIZE", entries, TABLES),
        *map(_row, (*FLOAT, *RESCALED)),
    ),
    fold=fold,
    elementwise=True,
)
