"""ADD: int8 sum with broadcasting and a fused clamp."""

from __future__ import annotations

from fwgen.model.graph import Graph, Op
from fwgen.ops import add_sub, broadcast
from fwgen.ops.operator import Call, Operator, Variant


def multipliers(graph: Graph, op: Op) -> add_sub.Multipliers:
    """Source: TFLM ``add_common.cc``, ``CalculateOpDataAdd``, which calculates in double."""
    a, b, y = graph.input(op, 0), graph.input(op, 1), graph.output(op)
    twice = 2 * max(a.scale, b.scale)
    return a.scale / twice, b.scale / twice, twice / ((1 << add_sub.LEFT_SHIFT) * y.scale)


def check(graph: Graph, op: Op) -> None:
    broadcast.check_quantized(graph, op)
    add_sub.check_multipliers(multipliers(graph, op), graph, op)


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    return (add_sub.call("fw_add_s8", graph, op, multipliers(graph, op)),)


OPERATOR = Operator(
    code=0,
    name="ADD",
    options=broadcast.read_options,
    check=check,
    variants=(Variant("add_s8", "reference", calls_reference, add_sub.cost),),
)
