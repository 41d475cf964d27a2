"""Drops ops on which no output of the model depends, and no variable."""

from __future__ import annotations

from dataclasses import replace

from fwgen.model.control import CONTROL
from fwgen.model.graph import Graph


def drop_unused_ops(graph: Graph) -> Graph:
    """The graph without ops that nobody needs; the same object if there are none.

    Inputs of the model stay, read or not, and so do ops for an NPU, which may leave more than the
    model says. Ops that begin, divide and end loops and branches stay as well.
    """
    needed = set(graph.kept)
    kept = []
    for op in reversed(graph.ops):
        if needed.intersection(op.outputs) or op.pinned is not None or op.code in CONTROL:
            kept.append(op)
            needed.update(op.inputs)
    return graph if len(kept) == len(graph.ops) else replace(graph, ops=tuple(reversed(kept)))
