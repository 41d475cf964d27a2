"""Graph -> Graph: rewrites that leave the outputs as they are, byte for byte, and cost less.

What computes constants has given way to them before, in ``ops.resolve``.
"""

from __future__ import annotations

from fwgen.model.graph import Graph
from fwgen.passes.clamps import fuse_clamps
from fwgen.passes.dead_channels import drop_dead_channels
from fwgen.passes.lookups import fuse_lookups
from fwgen.passes.pads import fold_pads
from fwgen.passes.unused_ops import drop_unused_ops

PASSES = (drop_unused_ops, fold_pads, fuse_clamps, fuse_lookups)
"""In the order in which they run; channels come last, as all that is left says more about them."""


def optimize(graph: Graph, strict: bool) -> Graph:
    """Run every pass. ``strict`` drops no weight other than 0 (MLPerf's closed division)."""
    for run in PASSES:
        graph = run(graph)
    return drop_dead_channels(graph, strict)
