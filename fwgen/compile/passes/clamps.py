"""Lets ops with a fused activation do the clamp that follows: RELU, or MINIMUM with one number.

Exact because a clamp after a clamp is one, as long as both have the same scale and zero point.
"""

from __future__ import annotations

from dataclasses import replace

from fwgen.compile.passes.merge_pairs import join
from fwgen.compile.passes.tables import clamp_of, table_of
from fwgen.contract.node import Node
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops import operators
from fwgen.ops.parts.checks import same_quant


def fuse_clamps(graph: Graph) -> Graph:
    """The graph with each clamp as the limits of what it alone reads."""
    return join(graph, _merge)


def _merge(graph: Graph, writer: Op, reader: Op) -> tuple[Op, Tensor] | None:
    t, y = graph.output(writer), graph.output(reader)
    if not operators()[writer.code].clamps or not same_quant(t, y):
        return None
    table = table_of(Node(graph, reader))
    clamp = None if table is None else clamp_of(table[1])
    if clamp is None:
        return None
    low, high = (min(max(bound, clamp[0]), clamp[1]) for bound in t.limits or clamp)
    return replace(writer, outputs=reader.outputs), replace(y, limits=(low, high))
