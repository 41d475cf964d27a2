"""Constants in place of the ops that compute them from constants alone."""

from __future__ import annotations

from fwgen.model.graph import Graph
from fwgen.ops import operators
from fwgen.ops.parts.constant_ops import Folding


def fold_constants(graph: Graph) -> Graph:
    """The graph without ops whose inputs are all constant; the same object if there are none."""
    known, folding = operators(), Folding(graph)
    for op in graph.ops:
        folding.fold(op, known[op.code])
    return folding.graph
