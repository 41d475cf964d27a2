"""Graph -> OfflinePlan: the arena for TFLM, which runs the model's own ops, each beside its inputs.

TFLM takes the offsets from the model's metadata, and adds the scratch of its kernels itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from fwgen.compile.plan.problem import Buffer, Problem
from fwgen.compile.plan.solve_and_validate import solve_checked
from fwgen.compile.schedule.lifetimes import live_inputs
from fwgen.errors import ModelError
from fwgen.model.alignment import ALIGNMENT, aligned
from fwgen.model.graph import Graph
from fwgen.model.metadata import ANYWHERE, stored_tensors
from fwgen.model.metadata import with_offline_plan as with_offsets


@dataclass(frozen=True)
class OfflinePlan:
    """``offsets`` in the arena by the tensors' indices in the file."""

    offsets: tuple[int, ...]
    arena_bytes: int
    lower_bound_bytes: int

    @property
    def optimal(self) -> bool:
        """Whether there is proof that no plan without overlap is smaller."""
        return self.arena_bytes == self.lower_bound_bytes


def plan_offline(graph: Graph) -> OfflinePlan:
    """Place the tensors of a graph as the file has it, none over another that is live."""
    needed = _buffers(graph)
    solution = solve_checked(Problem(needed))
    offset_of = {b.tensors[0]: at for b, at in zip(needed, solution.offsets, strict=True)}
    return OfflinePlan(
        offsets=tuple(offset_of.get(t, ANYWHERE) for t in range(len(graph.tensors))),
        arena_bytes=aligned(solution.bytes, ALIGNMENT),
        lower_bound_bytes=aligned(solution.lower_bound_bytes, ALIGNMENT),
    )


def with_offline_plan(model: bytes, graph: Graph, plan: OfflinePlan) -> bytes:
    """A copy of the model's file that tells TFLM the plan. Raises ModelError."""
    if graph.inlined:
        raise ModelError(
            "The model has WHILE or IF, whose subgraphs TFLM gives memory of their own.",
            at=graph.at,
            tries=("TFLM's own plan of the arena, which needs none in the file",),
        )
    if len(plan.offsets) != stored_tensors(model, graph.at):  # the reader adds those of variables
        raise ModelError(
            "The model assigns variables, whose values TFLM has in other places than fwgen plans.",
            at=graph.at,
            tries=("TFLM's own plan of the arena, which needs none in the file",),
        )
    return with_offsets(model, plan.offsets, graph.at)


def _buffers(graph: Graph) -> tuple[Buffer, ...]:
    """A buffer per tensor, with TFLM's lifetimes: from the op that writes the tensor to the last
    op that reads it. Inputs live from the first op on, outputs until the last."""
    first = dict.fromkeys(graph.inputs, 0)
    last = dict.fromkeys(graph.inputs, 1)
    for position, op in enumerate(graph.ops):
        first |= dict.fromkeys(op.outputs, position)
        last |= dict.fromkeys((*op.outputs, *live_inputs(graph, op)), position + 1)
    last |= dict.fromkeys(graph.outputs, len(graph.ops))
    return tuple(Buffer(graph.tensors[t].bytes, first[t], last[t], (t,)) for t in first)
