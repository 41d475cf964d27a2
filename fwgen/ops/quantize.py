"""QUANTIZE: float32 to int8, or int8 to the scale and zero point of another int8 tensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.kernels.moves.vector_calls import on_mve
from fwgen.model.element import S8_ALL, Element
from fwgen.model.graph import Graph, Op
from fwgen.ops import lookup
from fwgen.ops.parts import checks

FLOAT = (Element.F32, Element.S8)
"""From float32."""


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=1, most=1)
    x, y = graph.input(op), graph.output(op)
    if not is_float(graph, op):
        # source: TFLM quantize_common.cc
        lookup.check(graph, op)
        checks.require_factors((x.scale / y.scale,), graph, op)
    else:
        checks.require_per_tensor(y, graph, op)
        checks.require_shape(y, x.shape, graph, op)
        checks.require_normal(y, graph, op)


def calls_float(graph: Graph, op: Op) -> tuple[Call, ...]:
    x, y = graph.input(op), graph.output(op)
    params = Params(
        "fw_quantize_f32_s8_params", (("elements", x.elements), ("zero_point", y.zero_point))
    )
    scale = Constant("scale", np.array([y.scale], np.float32))
    return (Call("fw_quantize_f32_s8", (params, scale, Ref(x.index), Ref(y.index))),)


def cost_float(graph: Graph, op: Op) -> float:
    return 40.0 * graph.input(op).elements


def is_float(graph: Graph, op: Op) -> bool:
    return graph.input(op).dtype is Element.F32


ENTRIES = lookup.entries_by(lookup.rescale)
"""From int8 to int8."""


def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
    """What the kernels do; from float32 as ``fw_quantize_f32_s8``, infinities and NaNs included."""
    if not is_float(graph, op):
        return lookup.lookup_fold(ENTRIES)(graph, op, values)
    y = graph.output(op)
    with np.errstate(over="ignore"):
        real = values[0].astype(np.float32) / np.float32(y.scale)
    value = np.clip(np.nan_to_num(real), y.dtype.low - y.zero_point, y.dtype.high - y.zero_point)
    whole = np.trunc(value)
    rest = value - whole
    rounded: Array = whole + (rest >= 0.5) - (rest <= -0.5) + y.zero_point
    return rounded.astype(y.dtype.numpy)


LOOKUP = lookup.lookup_variant(ENTRIES)

OPERATOR = Operator(
    code=114,
    name="QUANTIZE",
    options=no_options,
    types=(FLOAT, S8_ALL),
    check=check,
    variants=(
        Kernel("quantize_f32_s8", "reference", one_form(calls_float, cost_float), types=(FLOAT,)),
        LOOKUP,
        on_mve(LOOKUP),
    ),
    fold=fold,
    elementwise=True,
)
