"""LOG_SOFTMAX: logits along the last axis to logarithms of probabilities, in units of 1/16."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import S8_ALL, Element
from fwgen.model.fixed_point import (
    log_from_one,
    quantize_multiplier,
    requantize,
    rounding_shift_right,
)
from fwgen.model.float_exp import POWERS, float_exp
from fwgen.model.float_log import TABLE, float_log
from fwgen.ops.parts import checks, float_rows
from fwgen.ops.parts.exponentials import MOST_DEPTH, exponentials, radius, scaling
from fwgen.ops.parts.overlap import in_place

OUTPUT = 1 / 16, Element.S8.high
"""Scale and zero point."""

OUTPUT_SHIFT = 22
"""From logarithms in units of 2**-26 to those of 2**-4."""


def reverse(node: Node) -> float:
    """Quantization steps in a unit of 2**-26.

    Source: TFLite ``quantization_util.cc``, ``PreprocessLogSoftmaxScalingExp``.
    """
    multiplier, shift = quantize_multiplier(scaling(node))
    return (1 << (31 - shift)) / multiplier


def check(node: Node) -> None:
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    checks.require_shape(node, y, x.shape)
    node.require(len(x.shape) >= 1, "LOG_SOFTMAX of a scalar.")
    if x.dtype is Element.F32:
        return
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
    node.require(
        x.shape[-1] <= MOST_DEPTH,
        f"LOG_SOFTMAX over {x.shape[-1]} elements, expected at most {MOST_DEPTH}.",
    )
    node.require(
        (y.scale, y.zero_point) == OUTPUT,
        f"The output has scale {y.scale:g} and zero point {y.zero_point}, expected 1/16 and "
        f"{OUTPUT[1]}.",
    )
    node.require(
        scaling(node) > 1.0 and reverse(node) < 1.0,
        f"The input's scale is {x.scale:g}, expected more than 2**-26.",
    )


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    depth, table = x.shape[-1], exponentials(node)
    multiplier, shift = quantize_multiplier(scaling(node))
    reverse_multiplier, reverse_shift = quantize_multiplier(reverse(node))
    params = Params(
        "fw_log_softmax_s8_params",
        (
            ("rows", x.elements // depth),
            ("depth", depth),
            ("entries", len(table)),
            ("radius", radius(node)),
            ("multiplier", multiplier),
            ("shift", shift),
            ("reverse_multiplier", reverse_multiplier),
            ("reverse_shift", reverse_shift),
        ),
    )
    arguments = (params, Constant("exponentials", table), Ref(x.index), Ref(y.index))
    return (Call("fw_log_softmax_s8", arguments),)


def calls_float(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    depth = x.shape[-1]
    params = Params("fw_log_softmax_f32_params", (("rows", x.elements // depth), ("depth", depth)))
    tables = Constant("powers", POWERS), Constant("logs", TABLE)
    return (Call("fw_log_softmax_f32", (params, *tables, Ref(x.index), Ref(y.index))),)


def cost_reference(node: Node) -> float:
    x = node.x
    return 45.0 * x.elements + 400.0 * (x.elements // x.shape[-1])


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLite ``reference/log_softmax.h``, ``LogSoftmaxQuantized``."""
    if node.x.dtype is Element.F32:
        return fold_float(node, values)
    rows = values[0].astype(np.int64).reshape(-1, node.x.shape[-1])
    differences = rows - rows.max(axis=1, keepdims=True)
    table = np.append(exponentials(node), 0).astype(np.int64)
    exponential = table[np.minimum(-differences, len(table) - 1)]
    log = log_from_one(rounding_shift_right(exponential, 12).sum(axis=1, keepdims=True))
    reach = requantize(log + checks.INT32_MIN, *quantize_multiplier(reverse(node)))
    inside = differences > np.maximum(reach, -radius(node) - 1)
    scaled = requantize(np.where(inside, differences, 0), *quantize_multiplier(scaling(node)))
    dtype = node.y.dtype
    found = rounding_shift_right(scaled - log, OUTPUT_SHIFT) + dtype.high
    return dtype.clamped(np.where(inside, found, dtype.low)).reshape(node.y.shape)


def real(node: Node, rows: float_rows.Floats) -> float_rows.Floats:
    """Source: TFLite ``reference/log_softmax.h``, ``LogSoftmax``."""
    below = float_rows.less_most(rows)
    found: float_rows.Floats = below - float_log(float_rows.sums(float_exp(below)))
    return found


fold_float = float_rows.fold(real)

OPERATOR = Operator(
    code=50,
    name="LOG_SOFTMAX",
    options=no_options,
    types=(S8_ALL, float_rows.F32_ALL),
    check=check,
    reference=(
        Kernel(
            "LOG_SOFTMAX",
            "log_softmax_s8",
            "reference",
            one_form(calls_reference, cost_reference, in_place),
            types=(S8_ALL,),
        ),
        float_rows.row("LOG_SOFTMAX", calls_float, of_element=90.0, of_row=80.0),
    ),
    fold=fold,
)
