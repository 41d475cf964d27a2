"""SUB: int8 difference with broadcasting and a fused clamp."""

from __future__ import annotations

import numpy as np

from fwgen.model.graph import Graph, Op
from fwgen.ops import add_sub, broadcast
from fwgen.ops.operator import Call, Operator, Variant


def multipliers(graph: Graph, op: Op) -> add_sub.Multipliers:
    """Source: TFLM ``sub_common.cc``, ``CalculateOpDataSub``, which calculates in float32."""
    a, b, y = (
        np.float32(t.scale) for t in (graph.input(op, 0), graph.input(op, 1), graph.output(op))
    )
    with np.errstate(all="ignore"):
        twice = np.float32(2) * max(a, b)
        total = twice / (np.float32(1 << add_sub.LEFT_SHIFT) * y)
        return float(a / twice), float(b / twice), float(total)


def check(graph: Graph, op: Op) -> None:
    broadcast.check_quantized(graph, op)
    add_sub.check_multipliers(multipliers(graph, op), graph, op)


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    return (add_sub.call("fw_sub_s8", graph, op, multipliers(graph, op)),)


OPERATOR = Operator(
    code=41,
    name="SUB",
    options=broadcast.read_options,
    check=check,
    variants=(Variant("sub_s8", "reference", calls_reference, add_sub.cost),),
)
