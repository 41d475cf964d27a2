"""SOFTMAX: logits along the last axis to probabilities, in units of 1/256 of int8."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from fwgen.contract.call import Call, Calls, Constant, Params, Ref
from fwgen.contract.kernel import APART, Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import S8_ALL, S16_ALL, Element, Types
from fwgen.model.fixed_point import (
    Int64Array,
    doubling_high_multiply,
    quantize_multiplier,
    reciprocal_of_one_plus,
    requantize,
    rounding_shift_right,
)
from fwgen.ops.parts import checks, softmax_floats
from fwgen.ops.parts.exponentials import MOST_DEPTH, exponentials, scaling
from fwgen.ops.parts.lut_513 import looked_up, table_of
from fwgen.ops.parts.overlap import in_place

S8_S16: Types = (Element.S8, Element.S16)

MOST_DEPTH_16 = (1 << 16) - 1
"""Elements of a row of int16, of which each adds at most 32767 to the sum."""

MOST_STEP = float(1 << 15)
"""Of ``interpolated_step``: differences of 16 bits times it fit 32 bits."""

SCALE_ERROR = 0.001
"""By which TFLM lets the scale of an int16 output be another, relatively."""

EXPONENTIALS = table_of(np.exp, 10.0, 32767)
"""exp(x) for x from -10 to 0, in units of 1/32768."""

RECIPROCALS = table_of(lambda x: 1 / (1 + x), 1.0, -32768)
"""1 / (1 + x) for x from 0 to 1, in units of 1/32768."""


@dataclass(frozen=True)
class Options:
    """The schema's ``SoftmaxOptions``."""

    beta: float


def read_options(fields: Fields) -> Options:
    return Options(beta=fields.f32(0))


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    checks.require_shape(node, y, x.shape)
    node.require(len(x.shape) >= 1, "SOFTMAX of a scalar.")
    if x.dtype is Element.F32:
        return
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
    most = most_depth(node)
    node.require(
        x.shape[-1] <= most, f"SOFTMAX over {x.shape[-1]} elements, expected at most {most}."
    )
    wide = x.dtype is Element.S16
    checks.require_symmetric(node, x)
    unit, zero_point = (1 << 15, 0) if wide else (1 << 8 * y.dtype.bytes, y.dtype.low)
    error = 0.0 if y.dtype is Element.S8 else SCALE_ERROR
    node.require(
        abs(y.scale * unit - 1.0) <= error and y.zero_point == zero_point,
        f"The output has scale {y.scale:g} and zero point {y.zero_point}, expected 1/{unit} and "
        f"{zero_point}.",
    )
    beta = node.options.beta
    if wide:
        node.require(
            0.0 < interpolated_step(node) < MOST_STEP,
            f"beta {beta:g} times the input's scale {x.scale:g} is {beta * x.scale:g}, expected "
            "more than 0 and less than 5.",
        )
        return
    node.require(
        scaling(node) > 1.0,
        f"beta {beta:g} times the input's scale {x.scale:g} is {beta * x.scale:g}, expected more "
        "than 2**-26.",
    )


def most_depth(node: Node) -> int:
    """Elements that a row may have, so that the sum of their exponentials fits 32 bits."""
    return MOST_DEPTH_16 if node.x.dtype is Element.S16 else MOST_DEPTH


def interpolated_step(node: Node) -> float:
    """Steps of the table of exponentials in beta times one quantization step, for int16.

    Source: TFLM ``softmax_common.cc``, ``CalculateSoftmaxParams``.
    """
    step: float = node.x.scale * node.options.beta / (10.0 / 65535.0)
    return step


def calls_reference(kernel: str, node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    table = exponentials(node)
    depth = x.shape[-1]
    params = Params(
        "fw_softmax_params",
        (("rows", x.elements // depth), ("depth", depth), ("entries", len(table))),
    )
    arguments = (params, Constant("exponentials", table), Ref(x.index), Ref(y.index))
    return (Call(f"fw_{kernel}", arguments),)


def calls_interpolated(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    depth = x.shape[-1]
    multiplier, shift = quantize_multiplier(interpolated_step(node))
    params = Params(
        "fw_softmax_s16_params",
        (
            ("rows", x.elements // depth),
            ("depth", depth),
            ("multiplier", multiplier),
            ("shift", shift),
        ),
    )
    tables = Constant("exponentials", EXPONENTIALS), Constant("reciprocals", RECIPROCALS)
    return (Call("fw_softmax_s16", (params, *tables, Ref(x.index), Ref(y.index))),)


def cost_reference(node: Node) -> float:
    x = node.x
    return 30.0 * x.elements + 240.0 * (x.elements // x.shape[-1])


def cost_interpolated(node: Node) -> float:
    x = node.x
    return 70.0 * x.elements + 150.0 * (x.elements // x.shape[-1])


def fold(node: Node, values: Sequence[Array]) -> Array:
    if node.x.dtype is Element.F32:
        return softmax_floats.fold(node, values)
    rows = values[0].astype(np.int64).reshape(-1, node.x.shape[-1])
    shares = interpolated if node.x.dtype is Element.S16 else computed
    return node.y.dtype.clamped(shares(node, rows)).reshape(node.y.shape)


def computed(node: Node, rows: Int64Array) -> Int64Array:
    """The output for rows of int8. Source: TFLite ``reference/softmax.h``, ``Softmax``."""
    differences = rows.max(axis=1, keepdims=True) - rows
    table = np.append(exponentials(node), 0).astype(np.int64)
    exponential = table[np.minimum(differences, len(table) - 1)]
    sums = rounding_shift_right(exponential, 12).sum(axis=1, keepdims=True)
    headroom = 32 - np.frexp(sums.astype(np.float64))[1].astype(np.int64)
    factor = reciprocal_of_one_plus((sums << headroom) - (1 << 31))
    right = 12 + 31 - 8 * node.y.dtype.bytes - headroom
    shares = rounding_shift_right(
        doubling_high_multiply(factor, exponential), np.minimum(right, 31)
    )
    return np.where(right <= 31, shares, 0) + node.y.dtype.low


def interpolated(node: Node, rows: Int64Array) -> Int64Array:
    """The output for rows of int16. Source: TFLite ``reference/softmax.h``, ``SoftmaxInt16``."""
    low, high = Element.S16.limits
    multiplier, shift = quantize_multiplier(interpolated_step(node))
    differences = rows - rows.max(axis=1, keepdims=True)
    scaled = requantize(differences, multiplier, shift) + high
    exponential = looked_up(EXPONENTIALS, np.clip(scaled, low, high))
    sums = exponential.sum(axis=1, keepdims=True)
    headroom = 31 - np.frexp(sums.astype(np.float64))[1].astype(np.int64)
    fraction = ((sums << headroom) + (1 << 13) >> 14) - (1 << 16) - (1 << 15)
    factor = looked_up(RECIPROCALS, np.clip(fraction, low, high))
    right = 30 - headroom
    shares: Int64Array = exponential * factor + (np.int64(1) << (right - 1)) >> right
    return np.maximum(shares, 0)


def _row(kernel: str, types: Types, calls: Callable[[Node], Calls], overlap: bool) -> Kernel:
    wide = types[0] is Element.S16
    form = one_form(
        calls,
        cost_interpolated if wide else cost_reference,
        in_place if overlap else lambda node: APART,
    )
    return Kernel("SOFTMAX", kernel, "reference", form, types=(types,))


ROWS = (
    _row("softmax_s8", S8_ALL, partial(calls_reference, "softmax_s8"), overlap=True),
    _row("softmax_s8_s16", S8_S16, partial(calls_reference, "softmax_s8_s16"), overlap=False),
    _row("softmax_s16", S16_ALL, calls_interpolated, overlap=True),
    softmax_floats.ROW,
)

OPERATOR = Operator(
    code=25,
    name="SOFTMAX",
    options=read_options,
    types=tuple(types for row in ROWS for types in row.types),
    check=check,
    reference=ROWS,
    fold=fold,
)
