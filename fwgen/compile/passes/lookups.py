"""The pass that makes one lookup table of several in a row."""

from __future__ import annotations

import numpy as np

from fwgen.compile.passes.merge_pairs import join
from fwgen.compile.passes.tables import table_of
from fwgen.contract.node import Node
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops import lookup


def fuse_lookups(graph: Graph) -> Graph:
    """The graph with one LOOKUP for each row of tables that are read by the next one alone."""
    return join(graph, _merge)


def _merge(graph: Graph, writer: Op, reader: Op) -> tuple[Op, Tensor] | None:
    first, second = table_of(Node(graph, writer)), table_of(Node(graph, reader))
    if first is None or second is None:
        return None
    options = lookup.Options(second[1][first[1].view(np.uint8)])
    made = Op(reader.index, lookup.OPERATOR.name, (first[0],), reader.outputs, options)
    return made, graph.output(reader)
