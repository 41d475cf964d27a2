"""Graph -> Lifetimes: which tensors need memory in the arena, and from which op until which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.ops import operators


@dataclass(frozen=True)
class Lifetime:
    """An activation and those that share its memory; ``tensors`` begin with the one written first.

    ``[first, last)`` are op positions: op ``p`` reads its inputs and writes its outputs during
    [p, p + 1).
    """

    tensors: tuple[int, ...]
    bytes: int
    first: int
    last: int


def aliased_ops(graph: Graph) -> frozenset[int]:
    """Indices of ops whose output can be their input's memory.

    Not where the input is constant (it is in flash), one of them is in the state, the sizes differ,
    or the two have other places in the arena.
    """
    known = operators()
    return frozenset(
        op.index
        for op in graph.ops
        if all(row.alias for row in known[op.code].reference)
        and graph.input(op).data is None
        and not graph.state.intersection((op.inputs[0], *op.outputs))
        and graph.input(op).bytes == graph.output(op).bytes
        and graph.input(op).offset == graph.output(op).offset
    )


def lifetimes(graph: Graph) -> tuple[Lifetime, ...]:
    """The lifetimes of all activations, inputs and outputs.

    All inputs are live before the first op, all outputs until after the last. An input that is fed
    row by row has no lifetime, and neither has a variable, which is not in the arena.
    """
    aliased = aliased_ops(graph)
    root: dict[int, int] = {}
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    members: dict[int, list[int]] = {}

    def born(tensor: int, owner: int, position: int) -> None:
        root[tensor] = owner
        members.setdefault(owner, []).append(tensor)
        first.setdefault(owner, position)
        last[owner] = max(last.get(owner, 0), position + 1)

    for tensor in graph.inputs:
        if tensor != graph.fed:
            born(tensor, tensor, 0)
    for position, op in enumerate(graph.ops):
        for tensor in live_inputs(graph, op):
            last[root[tensor]] = max(last[root[tensor]], position + 1)
        for tensor in live_outputs(graph, op):
            born(tensor, root[op.inputs[0]] if op.index in aliased else tensor, position)
    for tensor in graph.outputs:
        if tensor in root:
            last[root[tensor]] = len(graph.ops) + 1
    return tuple(
        Lifetime(tuple(tensors), graph.tensors[owner].bytes, first[owner], last[owner])
        for owner, tensors in members.items()
    )


def live_inputs(graph: Graph, op: Op) -> list[int]:
    """The op's inputs that are in the arena: present, not constant, not fed and no variables."""
    absent = {ABSENT, graph.fed, *graph.state}
    return [t for t in op.inputs if t not in absent and graph.tensors[t].data is None]


def live_outputs(graph: Graph, op: Op) -> list[int]:
    """The op's outputs that are in the arena: no variables."""
    return [t for t in op.outputs if t not in graph.state]


def dying_inputs(graph: Graph, position: int, lives: Mapping[int, Lifetime]) -> dict[int, Lifetime]:
    """Inputs of the op at ``position`` that nothing needs after it, by place in ``op.inputs``.

    ``lives`` are lifetimes by tensor. Not an input whose memory the output has anyway.
    """
    op = graph.ops[position]
    own = [lives[t] for t in op.outputs if t in lives]
    if op.outputs[0] not in lives:  # it is in the state
        return {}
    return {
        place: lives[t]
        for place, t in enumerate(op.inputs)
        if t in lives and lives[t] not in own and lives[t].last == position + 1
    }


def by_tensor(lives: Sequence[Lifetime]) -> dict[int, Lifetime]:
    """The lifetime of each tensor, by the tensor's index."""
    return {t: life for life in lives for t in life.tensors}
