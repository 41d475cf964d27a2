"""Graph + Board -> the candidates of each op: every form of every kernel that could compute it.

The forms of a kernel trade cycles for memory: for scratch, and for how far the output may lie
over an input that dies. What an op costs in memory is the peak, all that must be there while it
runs; the arena is the largest peak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from fwgen.board import Board
from fwgen.compile.schedule.lifetimes import Lifetime, by_tensor, dying_inputs, is_viewed, lifetimes
from fwgen.compile.schedule.overlaps import permissions
from fwgen.contract.call import Constant, Ref, each_call
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.errors import ModelError
from fwgen.kernels import kernels_of
from fwgen.kernels.core_cycles import forms_on
from fwgen.kernels.providers import OWN, Providers, usable
from fwgen.model.alignment import ALIGNMENT, aligned
from fwgen.model.graph import Graph


@dataclass(frozen=True)
class Candidate:
    """A form of a row that computes an op of a graph, and what it costs there.

    ``constant_bytes`` are its bytes in flash beside code. ``peak_bytes`` are the bytes of the arena
    in use while it runs. ``kernels`` are the file names of the kernels that its calls need.
    """

    row: Kernel
    form: Form
    constant_bytes: int
    peak_bytes: int
    kernels: frozenset[str]

    @property
    def cycles(self) -> float:
        """Estimated cycles."""
        return self.form.cycles


Candidates = Sequence[tuple[Candidate, ...]]
"""One candidate or more per op."""


def candidates_of(graph: Graph, board: Board, providers: Providers = OWN) -> Candidates:
    """All candidates. Raises ModelError if an op has none."""
    lives = by_tensor(lifetimes(graph))
    return [candidates_at(graph, p, lives, board, providers) for p in range(len(graph.ops))]


def candidates_at(
    graph: Graph,
    position: int,
    lives: Mapping[int, Lifetime],
    board: Board,
    providers: Providers = OWN,
) -> tuple[Candidate, ...]:
    """All that could compute the op at ``position``. ``lives`` are lifetimes by tensor."""
    node = Node(graph, graph.ops[position])
    moment = _Moment(graph, position, lives)
    if is_viewed(graph, node.op):
        row = kernels_of(node.code)[0]
        return (Candidate(row, Form((), 0.0), 0, moment.bytes, frozenset()),)
    found = usable(node, board.cpu.features, providers)
    if not found:
        names = ", ".join(v.name for v in kernels_of(node.code))
        raise ModelError(
            f"None of the kernels of {node.code} ({names}) covers this op on a {board.cpu.name}.",
            at=node.place,
        )
    features = board.cpu.features
    return tuple(
        _candidate(graph, row, form, moment)
        for row in found
        for form in forms_on(features, row, node)
    )


class _Moment:
    """What is in memory while an op runs: ``bytes`` of activations if none overlap."""

    def __init__(self, graph: Graph, position: int, lives: Mapping[int, Lifetime]) -> None:
        live = {id(life): life for life in lives.values() if life.first <= position < life.last}
        self.bytes = sum(aligned(life.bytes) for life in live.values())
        placed = (x for x in live.values() if graph.tensors[x.tensors[0]].offset is not None)
        self.placed = sum(aligned(x.bytes) for x in placed)
        output = lives.get(graph.ops[position].outputs[0])
        self.output = 0 if output is None else output.bytes
        dying = dying_inputs(graph, position, lives)
        self.dying = {place: life.bytes for place, life in dying.items()}

    def peak(self, form: Form) -> int:
        """Bytes with the scratch of a form, where one dying input and the output overlap."""
        if form.pinned_scratch_at is not None:
            return self.bytes - self.placed + aligned(form.pinned_scratch_at + form.scratch_bytes)
        saved, step = 0, lcm(ALIGNMENT, form.step_bytes)
        for way in permissions(form, self.dying):
            size = self.dying[way.place]
            spans = [aligned(self.output) + aligned(size)]
            if way.forwards is not None:
                spans.append(max(self.output, size, size + aligned(way.forwards, step)))
            if way.backwards is not None:
                spans.append(max(self.output, size, self.output + aligned(way.backwards, step)))
            saved = max(saved, spans[0] - aligned(min(spans)))
        return self.bytes - saved + aligned(form.scratch_bytes)


def _candidate(graph: Graph, row: Kernel, form: Form, moment: _Moment) -> Candidate:
    calls = tuple(each_call(form.calls))
    constants = {
        arg.role: arg.data.nbytes for c in calls for arg in c.args if isinstance(arg, Constant)
    }
    tensors = {arg.tensor for c in calls for arg in c.args if isinstance(arg, Ref)}
    known = sum(graph.tensors[t].bytes for t in tensors if graph.tensors[t].data is not None)
    kernels = frozenset(k for c in calls for k in c.kernels)
    return Candidate(
        row=row,
        form=form,
        constant_bytes=sum(constants.values()) + known,
        peak_bytes=moment.peak(form),
        # where it moves no data it calls nothing
        kernels=frozenset() if row.alias else kernels,
    )
