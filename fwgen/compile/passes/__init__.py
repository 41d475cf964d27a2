"""Passes, Graph -> Graph: rewrites that leave the outputs as they are, byte for byte, and cost
less."""

from __future__ import annotations

from fwgen.compile.passes.clamps import fuse_clamps
from fwgen.compile.passes.constants import fold_constants
from fwgen.compile.passes.dead_channels import drop_dead_channels
from fwgen.compile.passes.lookups import fuse_lookups
from fwgen.compile.passes.pads import fold_pads
from fwgen.compile.passes.slides import slide_windows
from fwgen.compile.passes.unused_ops import drop_unused_ops
from fwgen.model.graph import Graph

PASSES = (
    fold_constants,
    drop_unused_ops,
    slide_windows,
    fold_pads,
    fuse_clamps,
    fuse_lookups,
)
"""The passes in the order in which they run.

Dead channels come last, because the other passes show more channels to be dead.
"""

_JOINING = (slide_windows, fold_pads, fuse_clamps, fuse_lookups)
"""Those by which an op reads what another read before, and so needs it for longer."""


def optimize(graph: Graph, strict: bool) -> Graph:
    """Run every pass. ``strict`` drops no weight other than 0 (MLPerf's closed division).

    In a fixed order, ops are not joined: where tensors have offsets of their own, what is needed
    for longer may be in the place of something else.
    """
    for run in PASSES:
        if not (graph.fixed_order and run in _JOINING):
            graph = run(graph)
    return drop_dead_channels(graph, strict)
