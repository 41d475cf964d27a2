"""L2_NORMALIZATION: rows along the last axis divided by their Euclidean length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Operator
from fwgen.model.element import S8_ALL, Element
from fwgen.model.fixed_point import inverse_sqrt, requantize
from fwgen.ops.parts import checks, float_rows
from fwgen.ops.parts.overlap import in_place

OUTPUT_BITS = 7
"""The output is in units of 1/128, whatever its scale says."""

MOST_RANK = 4

LEAST_LENGTH = np.float32(1e-6)
"""Of floats: shorter rows are divided by it. Source: TFLM ``l2norm.cc``."""


@dataclass(frozen=True)
class Options:
    """The schema's ``L2NormOptions``."""

    activation: int


def read_options(fields: Fields) -> Options:
    return Options(activation=fields.i8(0))


def check(node: Node) -> None:
    """TFLM reads neither scale nor zero point of the output: only those that it stands for pass."""
    checks.require_operands(node, least=1, most=1)
    x, y = node.x, node.y
    checks.require_shape(node, y, x.shape)
    node.require(
        1 <= len(x.shape) <= MOST_RANK,
        f"L2_NORMALIZATION of {len(x.shape)} dimensions, expected 1 to {MOST_RANK}.",
    )
    node.require(
        node.options.activation == 0,
        f"L2_NORMALIZATION has fused activation {node.options.activation}; TFLM takes none.",
    )
    if x.dtype is Element.F32:
        return
    for tensor in (x, y):
        checks.require_per_tensor(node, tensor)
    node.require(
        (y.scale, y.zero_point) == (2.0**-OUTPUT_BITS, 0),
        f"The output has scale {y.scale:g} and zero point {y.zero_point}, expected 1/128 and 0: "
        "TFLM takes no others into account.",
    )
    low, high = x.dtype.limits
    most = checks.INT32_MAX // max(high - x.zero_point, x.zero_point - low) ** 2
    node.require(
        x.shape[-1] <= most,
        f"The sum of {x.shape[-1]} squares does not fit 32 bits; at most {most} do.",
    )


def calls_reference(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    depth = x.shape[-1]
    numbers = x.elements // depth, depth, x.zero_point
    return (Call("fw_l2_normalization_s8", (Ref(x.index), Ref(y.index), *numbers)),)


def calls_float(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    depth = x.shape[-1]
    arguments = (Ref(x.index), Ref(y.index), x.elements // depth, depth)
    return (Call("fw_l2_normalization_f32", arguments),)


def cost_reference(node: Node) -> float:
    return 35.0 * node.x.elements + 250.0 * (node.x.elements // node.x.shape[-1])


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLite ``integer_ops/l2normalization.h``."""
    if node.x.dtype is Element.F32:
        return fold_float(node, values)
    centred = values[0].astype(np.int64) - node.x.zero_point
    multiplier, shift = inverse_sqrt((centred**2).sum(axis=-1, keepdims=True))
    return node.y.dtype.clamped(requantize(centred, multiplier, shift + OUTPUT_BITS))


def real(node: Node, rows: float_rows.Floats) -> float_rows.Floats:
    """Source: TFLite ``reference/l2normalization.h``."""
    length = np.sqrt(float_rows.sums(rows * rows))
    divisors = np.where(length < LEAST_LENGTH, LEAST_LENGTH, length).astype(np.float32)
    quotients: float_rows.Floats = rows / divisors
    return quotients


fold_float = float_rows.fold(real)

OPERATOR = Operator(
    code=11,
    name="L2_NORMALIZATION",
    options=read_options,
    types=(S8_ALL, float_rows.F32_ALL),
    check=check,
    reference=(
        Kernel(
            "L2_NORMALIZATION",
            "l2_normalization_s8",
            "reference",
            one_form(calls_reference, cost_reference, in_place),
            types=(S8_ALL,),
        ),
        float_rows.row("L2_NORMALIZATION", calls_float, of_element=20.0, of_row=260.0),
    ),
    fold=fold,
)
