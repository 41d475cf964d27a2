"""Graph + Selection -> Buffers: what has to live in the arena, and when."""

from __future__ import annotations

from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.plan.problem import Buffer
from fwgen.select import Selection


def aliased_ops(graph: Graph, selection: Selection) -> frozenset[int]:
    """Indices of ops whose output can be their input's memory.

    Not where the input is constant (it is in flash) or the sizes differ.
    """
    return frozenset(
        op.index
        for op, variant in zip(graph.ops, selection.variants, strict=True)
        if variant.alias
        and graph.input(op).data is None
        and graph.input(op).bytes == graph.output(op).bytes
    )


def buffers(graph: Graph, selection: Selection) -> tuple[Buffer, ...]:
    """The arena's buffers: activations, inputs, outputs and scratch.

    All inputs are live before the first op, all outputs until after the last.
    """
    aliased = aliased_ops(graph, selection)
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
        born(tensor, tensor, 0)
    for position, op in enumerate(graph.ops):
        for tensor in live_inputs(graph, op):
            last[root[tensor]] = max(last[root[tensor]], position + 1)
        for tensor in op.outputs:
            born(tensor, root[op.inputs[0]] if op.index in aliased else tensor, position)
    for tensor in graph.outputs:
        if tensor in root:
            last[root[tensor]] = len(graph.ops) + 1
    activations = [
        Buffer(graph.tensors[owner].bytes, first[owner], last[owner], tuple(tensors))
        for owner, tensors in members.items()
    ]
    scratch = [
        Buffer(size, position, position + 1, scratch_of=op.index)
        for position, (op, variant) in enumerate(zip(graph.ops, selection.variants, strict=True))
        if (size := variant.scratch_bytes(graph, op)) > 0
    ]
    return (*activations, *scratch)


def live_inputs(graph: Graph, op: Op) -> list[int]:
    """The op's inputs that are in the arena: present and not constant."""
    return [t for t in op.inputs if t != ABSENT and graph.tensors[t].data is None]
