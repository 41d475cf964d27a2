"""The multiply-accumulates (MACs) that a graph asks for."""

from __future__ import annotations

from collections.abc import Mapping

from fwgen.contract.node import Node
from fwgen.model.graph import Graph
from fwgen.ops import operators


def macs(graph: Graph) -> Mapping[int, int]:
    """Multiply-accumulates of one inference by op index."""
    known = operators()
    return {op.index: known[op.code].macs(Node(graph, op)) for op in graph.ops}
