"""What a row's cases are executed for: as called, misaligned, in place as near as it is claimed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fwgen.model.graph import Graph
from tests.kernels.arena import Over, Run
from tests.kernels.kernel_rows import Way, first_op, reference_of, ways
from tests.kernels.machines import FAST, Machine, Outcome, execute
from tests.kernels.row_cases import RowCase

NEVER = -(1 << 40)
"""The least distance of a kernel that reads nothing after it has written."""


@dataclass(frozen=True, eq=False)
class Step:
    """A run of a way of a case."""

    case: RowCase
    way: Way
    run: Run


def expected(cases: Sequence[RowCase]) -> list[bytes]:
    """The outputs of the reference rows."""
    runs = []
    for case in cases:
        graph = case.drawn.plain
        steps = []
        for op in graph.ops:
            alone = _alone(graph, op.index)
            steps.append(ways(reference_of(alone), alone)[0])
        runs.append(Run(graph, case.inputs, tuple(steps)))
    return [outcome.output for outcome in execute(runs, FAST, traced=False)]


def _alone(graph: Graph, index: int) -> Graph:
    (op,) = (op for op in graph.ops if op.index == index)
    return replace(graph, ops=(op,))


def apart(cases: Sequence[RowCase], rng: np.random.Generator, most: int) -> list[Step]:
    """Each case in at most ``most`` ways, the fastest and others; every second one misaligned."""
    steps = []
    for number, case in enumerate(cases):
        others = case.ways[1:]
        picked = [case.ways[0]]
        if others:
            picked += [others[k] for k in rng.permutation(len(others))[: most - 1]]
        for way in picked:
            shift = int(rng.integers(0, 16)) * way.grain % 16 if number % 2 else 0
            steps.append(Step(case, way, Run(case.graph, case.inputs, (way,), shift)))
    return steps


@dataclass(frozen=True, eq=False)
class Claim:
    """A way's claim for an input; ``offset`` is where that begins after the output, at the nearest.

    There it and the output have bytes in common.
    """

    case: RowCase
    way: Way
    place: int
    offset: int

    @property
    def input(self) -> int:
        """The tensor."""
        return first_op(self.case.graph).inputs[self.place]

    def nearer(self, grains: int) -> int:
        """The offset of so many grains less."""
        less = grains * self.way.grain
        return self.offset + (less if self.way.kind == "backwards" else -less)

    def run(self, offset: int, inputs: Sequence[np.ndarray] | None = None) -> Step:
        """In place at an offset."""
        given = self.case.inputs if inputs is None else inputs
        over = Over(self.place, offset)
        return Step(self.case, self.way, Run(self.case.graph, given, (self.way,), over=over))

    def excess(self, after: np.ndarray) -> int | None:
        """By how many grains the claim is more than a trace of accesses wants; None if it wants
        nothing, negative if there are accesses that the claim says do no harm."""
        exact = exact_offset(self.way, after)
        if abs(exact) == -NEVER:
            return None
        apart = exact - self.offset if self.way.kind == "backwards" else self.offset - exact
        return apart // self.way.grain


def claims_of(steps: Sequence[Step]) -> list[list[Claim]]:
    """By step, its claims of which anything can be said: input and output overlap."""
    found = []
    for step in steps:
        graph, mine = step.case.graph, []
        for place, distance in step.way.claims:
            at = offset_of(graph, step.way, place, distance)
            if (
                -graph.input(first_op(graph), place).bytes
                < at
                < graph.output(first_op(graph)).bytes
            ):
                mine.append(Claim(step.case, step.way, place, at))
        found.append(mine)
    return found


def offset_of(graph: Graph, way: Way, place: int, distance: int) -> int:
    """Where the input begins after the output, if they are as near as ``distance`` allows."""
    if way.kind != "backwards":
        return -(-distance // way.grain) * way.grain
    op = first_op(graph)
    return (
        (graph.output(op).bytes - graph.input(op, place).bytes - distance) // way.grain * way.grain
    )


def exact_offset(way: Way, after: np.ndarray) -> int:
    """The nearest safe one by a trace of its accesses; NEVER, or -NEVER, if all are."""
    whole = after[after % way.grain == 0]
    if way.kind != "backwards":
        return int(whole.max()) + way.grain if len(whole) else NEVER
    return int(whole.min()) - way.grain if len(whole) else -NEVER


def run_all(steps: Sequence[Step], machine: Machine) -> list[Outcome]:
    return execute([step.run for step in steps], machine)


def more_inputs(case: RowCase, rng: np.random.Generator, count: int) -> list[list[np.ndarray]]:
    """More integer inputs of a case, of no extremes."""
    tensors = [case.graph.tensors[index] for index in case.graph.inputs]
    limits = [tensor.dtype.limits for tensor in tensors]
    return [
        [
            rng.integers(low, high, tensor.shape, endpoint=True).astype(tensor.dtype.numpy)
            for tensor, (low, high) in zip(tensors, limits, strict=True)
        ]
        for _ in range(count)
    ]
