"""Graph + Selection -> Plan: where each activation and each scratch buffer lies in the arena."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fwgen.model.graph import Graph
from fwgen.plan.arena import ALIGNMENT, arena_bytes, lower_bound_bytes, offsets
from fwgen.plan.buffers import Buffer, aliased_ops, buffers
from fwgen.plan.validate import faults
from fwgen.select import Selection


@dataclass(frozen=True)
class Plan:
    """The arena: ``offset_of[t]`` of each activation, ``scratch_of[op]`` of each op with scratch.

    ``lower_bound_bytes`` is the most that is live at one moment; where ``arena_bytes`` equals it
    the plan is proven optimal. Ops in ``aliased`` move no data: output and input share memory.
    """

    buffers: tuple[Buffer, ...]
    offsets: tuple[int, ...]
    offset_of: Mapping[int, int]
    scratch_of: Mapping[int, int]
    aliased: frozenset[int]
    arena_bytes: int
    lower_bound_bytes: int


def plan(graph: Graph, selection: Selection) -> Plan:
    """Lay out the arena. The result has passed the independent validator."""
    needed = buffers(graph, selection)
    placed = offsets(needed)
    size = arena_bytes(needed, placed)
    wrong = faults(needed, placed, size, ALIGNMENT)
    assert not wrong, f"the planner made an invalid plan: {wrong[0]}"
    return Plan(
        buffers=needed,
        offsets=placed,
        offset_of={t: o for b, o in zip(needed, placed, strict=True) for t in b.tensors},
        scratch_of={
            b.scratch_of: o for b, o in zip(needed, placed, strict=True) if b.scratch_of is not None
        },
        aliased=aliased_ops(graph, selection),
        arena_bytes=size,
        lower_bound_bytes=lower_bound_bytes(needed),
    )
