"""QUANTIZE: float32 to int8, or int8 to the scale and zero point of another int8 tensor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fwgen.model.graph import DType, Graph, Op
from fwgen.ops import checks, lookup
from fwgen.ops.operator import (
    Call,
    Constant,
    Operator,
    Params,
    Ref,
    Variant,
    no_options,
)


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=1, most=1)
    x, y = graph.input(op), graph.output(op)
    checks.require_dtype(x, (DType.FLOAT32, DType.INT8), graph, op)
    if x.dtype is DType.INT8:
        # source: TFLM quantize_common.cc
        lookup.check(graph, op)
        checks.require_factors((x.scale / y.scale,), graph, op)
    else:
        checks.require_int8(y, graph, op)
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
    return graph.input(op).dtype is DType.FLOAT32


def is_int8(graph: Graph, op: Op) -> bool:
    return graph.input(op).dtype is DType.INT8


OPERATOR = Operator(
    code=114,
    name="QUANTIZE",
    options=no_options,
    check=check,
    variants=(
        Variant("quantize_f32_s8", "reference", calls_float, cost_float, holds=is_float),
        replace(lookup.lookup_variant(lookup.rescale), holds=is_int8),
    ),
)
