"""MAXIMUM: int8 element-wise maximum of raw values, with broadcasting."""

from __future__ import annotations

from fwgen.model.graph import Graph, Op
from fwgen.ops import broadcast
from fwgen.ops.operator import Call, Operator, Variant


def calls_reference(graph: Graph, op: Op) -> tuple[Call, ...]:
    return (broadcast.compare_call("maximum_s8", graph, op),)


OPERATOR = Operator(
    code=55,
    name="MAXIMUM",
    options=lambda _: None,
    check=broadcast.check_shapes,
    variants=(Variant("maximum_s8", "reference", calls_reference, broadcast.compare_cost),),
)
