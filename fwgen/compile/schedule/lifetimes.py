"""Graph -> Lifetimes: which tensors need memory in the arena, and from which op until which."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

from fwgen.model.control import CONTROL, spans
from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.ops import operators


@dataclass(frozen=True)
class Lifetime:
    """An activation and those that share its memory; ``tensors`` begin with the one written first.

    ``[first, last)`` are op positions: op ``p`` reads its inputs and writes its outputs during
    [p, p + 1). ``at`` says where in the memory each tensor begins, in bytes. ``in_parts`` says that
    tensors are parts of it: some of it may be needed where a tensor of it is not.
    """

    tensors: tuple[int, ...]
    bytes: int
    first: int
    last: int
    at: tuple[int, ...]
    in_parts: bool

    def is_all(self, graph: Graph, tensor: int) -> bool:
        """Whether one of ``tensors`` has all of the memory."""
        return graph.tensors[tensor].bytes == self.bytes


def aliased_ops(graph: Graph) -> frozenset[int]:
    """Indices of ops that move no data, as their output can be their input's memory.

    Not where the input is constant (it is in flash), one of them is in the state, the sizes differ,
    or the two have other places in the arena. Ops between views are among them.
    """
    known = operators()
    return frozenset(
        op.index
        for op in graph.ops
        if is_viewed(graph, op)
        or (
            all(row.alias for row in known[op.code].reference)
            and graph.input(op).data is None
            and not graph.state.intersection((op.inputs[0], *op.outputs))
            and graph.input(op).bytes == graph.output(op).bytes
            and graph.input(op).offset == graph.output(op).offset
        )
    )


def is_viewed(graph: Graph, op: Op) -> bool:
    """Whether all outputs of the op are views of an input, or all inputs of the output."""
    views = graph.views
    return op.code not in CONTROL and any(
        bool(parts) and all(t in views and views[t].within == whole for t in parts)
        for parts, wholes in ((op.outputs, op.inputs), (op.inputs, op.outputs))
        for whole in wholes
    )


def lifetimes(graph: Graph) -> tuple[Lifetime, ...]:
    """The lifetimes of all activations, inputs and outputs.

    All inputs are live before the first op, all outputs until after the last. An input that is fed
    row by row has no lifetime, and neither has a variable, which is not in the arena.
    """
    aliased = aliased_ops(graph)
    homes: dict[int, tuple[int, int]] = {}  # the owner of a tensor's memory, and where in that
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    members: dict[int, list[int]] = {}

    def home_of(tensor: int) -> tuple[int, int]:
        at = 0
        while tensor not in homes and tensor in graph.views:
            at += graph.views[tensor].at
            tensor = graph.views[tensor].within
        owner, begin = homes.get(tensor, (tensor, 0))
        return owner, begin + at

    def born(tensor: int, home: tuple[int, int], position: int) -> None:
        homes[tensor] = home
        owner = home[0]
        members.setdefault(owner, []).append(tensor)
        first.setdefault(owner, position)
        last[owner] = max(last.get(owner, 0), position + 1)

    for tensor in graph.inputs:
        if tensor != graph.fed:
            born(tensor, home_of(tensor), 0)
    for position, op in enumerate(graph.ops):
        for tensor in live_inputs(graph, op):
            owner = homes[tensor][0]
            last[owner] = max(last[owner], position + 1)
        renamed = op.index in aliased and not is_viewed(graph, op)
        for tensor in live_outputs(graph, op):
            born(tensor, homes[op.inputs[0]] if renamed else home_of(tensor), position)
    for tensor in graph.outputs:
        if tensor in homes:
            last[homes[tensor][0]] = len(graph.ops) + 1
    _last_through_loops(graph, first, last)
    whole = {view.within for view in graph.views.values()}
    return tuple(
        Lifetime(
            *(tuple(tensors), graph.tensors[owner].bytes, first[owner], last[owner]),
            at=tuple(homes[t][1] for t in tensors),
            in_parts=not whole.isdisjoint(tensors),
        )
        for owner, tensors in members.items()
    )


def _last_through_loops(
    graph: Graph, first: Mapping[int, int], last: MutableMapping[int, int]
) -> None:
    """Let what a loop finds and reads live until its end: its next step reads it again."""
    for span in spans([op.code for op in graph.ops]):
        if not span.loops:
            continue
        for owner, born in first.items():
            if born <= span.first and span.has(last[owner] - 1):
                last[owner] = span.last + 1


def live_inputs(graph: Graph, op: Op) -> list[int]:
    """The op's inputs that are in the arena: present, not constant, not fed and no variables."""
    absent = {ABSENT, graph.fed, *graph.state}
    return [t for t in op.inputs if t not in absent and graph.tensors[t].data is None]


def live_outputs(graph: Graph, op: Op) -> list[int]:
    """The op's outputs that are in the arena: no variables."""
    return [t for t in op.outputs if t not in graph.state]


def dying_inputs(graph: Graph, position: int, lives: Mapping[int, Lifetime]) -> dict[int, Lifetime]:
    """Inputs of the op at ``position`` that nothing needs after it, by place in ``op.inputs``.

    ``lives`` are lifetimes by tensor. Not an input whose memory the output has anyway. Of memory
    that has parts, not where either is a part: then others may be in it.
    """
    op = graph.ops[position]
    own = [lives[t] for t in op.outputs if t in lives]
    if op.outputs[0] not in lives:  # it is in the state
        return {}
    if any(lives[t].in_parts for t in op.outputs if t in lives):
        whole = len(op.outputs) == 1 and own[0].is_all(graph, op.outputs[0])
        if not whole or own[0].first < position:
            return {}
    read = [lives[t] for t in op.inputs if t in lives]
    return {
        place: lives[t]
        for place, t in enumerate(op.inputs)
        if t in lives
        and lives[t] not in own
        and lives[t].last == position + 1
        and (not lives[t].in_parts or (lives[t].is_all(graph, t) and read.count(lives[t]) == 1))
    }


def by_tensor(lives: Sequence[Lifetime]) -> dict[int, Lifetime]:
    """The lifetime of each tensor, by the tensor's index."""
    return {t: life for life in lives for t in life.tensors}
