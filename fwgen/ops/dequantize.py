"""DEQUANTIZE: int8 to float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.operator import Array, Operator, no_options
from fwgen.model.element import Element
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts import checks

TYPES = ((Element.S8, Element.F32),)


def check(graph: Graph, op: Op) -> None:
    checks.require_operands(graph, op, least=1, most=1)
    x, y = graph.input(op), graph.output(op)
    checks.require_per_tensor(x, graph, op)
    checks.require_shape(y, x.shape, graph, op)
    checks.require_normal(x, graph, op)


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    x, y = graph.input(op), graph.output(op)
    params = Params(
        "fw_dequantize_s8_f32_params", (("elements", x.elements), ("zero_point", x.zero_point))
    )
    scale = Constant("scale", np.array([x.scale], np.float32))
    return (Call("fw_dequantize_s8_f32", (params, scale, Ref(x.index), Ref(y.index))),)


def cost_reference(graph: Graph, op: Op) -> float:
    return 10.0 * graph.input(op).elements


def fold(graph: Graph, op: Op, values: Sequence[Array]) -> Array:
    x = graph.input(op)
    steps = (values[0].astype(np.int32) - x.zero_point).astype(np.float32)
    with np.errstate(over="ignore"):  # an infinity, as on a core
        real: Array = np.float32(x.scale) * steps
    return real


OPERATOR = Operator(
    code=6,
    name="DEQUANTIZE",
    options=no_options,
    types=TYPES,
    check=check,
    variants=(
        Kernel(
            "dequantize_s8_f32", "reference", one_form(calls_reference, cost_reference), types=TYPES
        ),
    ),
    fold=fold,
)
