"""Graph -> Graph: rewrites that leave the outputs as they are, byte for byte, and cost less.

What computes constants has given way to them before, in ``ops.resolve``.
"""

from __future__ import annotations

from fwgen.compile.passes.clamps import fuse_clamps
from fwgen.compile.passes.dead_channels import drop_dead_channels
from fwgen.compile.passes.lookups import fuse_lookups
from fwgen.compile.passes.pads import fold_pads
from fwgen.compile.passes.unused_ops import drop_unused_ops
from fwgen.model.graph import Graph
from fwgen.npu.offload import is_offloaded

PASSES = (drop_unused_ops, fold_pads, fuse_clamps, fuse_lookups)
"""In the order in which they run; channels come last, as all that is left says more about them."""

_JOINING = (fold_pads, fuse_clamps, fuse_lookups)
"""Those by which an op reads what another read before, and so needs it for longer."""


def optimize(graph: Graph, strict: bool) -> Graph:
    """Run every pass. ``strict`` drops no weight other than 0 (MLPerf's closed division).

    Beside an NPU, ops are not joined: where tensors have places in its arena, what is needed for
    longer may be in the place of something else.
    """
    joins = not is_offloaded(graph)
    for run in PASSES:
        graph = run(graph) if joins or run not in _JOINING else graph
    return drop_dead_channels(graph, strict)
