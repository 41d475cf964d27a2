"""Graph -> Graph: rewrites that leave the outputs as they are, byte for byte, and cost less."""

from __future__ import annotations

from collections.abc import Callable

from fwgen.model.graph import Graph
from fwgen.passes.dead_channels import drop_dead_channels

Pass = Callable[[Graph, bool], Graph]

PASSES: tuple[tuple[str, Pass], ...] = (("dead channels", drop_dead_channels),)
"""In the order in which they run. Each takes the graph and whether to be strict."""


def optimize(graph: Graph, strict: bool) -> Graph:
    """Run every pass. ``strict`` drops no weight other than 0 (MLPerf's closed division)."""
    for _, run in PASSES:
        graph = run(graph, strict)
    return graph
