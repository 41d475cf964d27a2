"""Drops channels that cannot matter: never read by what follows, or the same whatever the input.

Forward, an interval per channel: what it can hold over all inputs and states of the model.
Backward, which channels the outputs depend on; one that is constant is folded into the bias of its
readers. What is left computes the same bytes. Sound because rescaling and clamping are monotone, so
that a sum's bounds give its output's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import accumulate

import numpy as np

from fwgen.contract.channels import ChannelRule, Mask, Reach, channels_of, full_reach
from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph, Op, Quant, Tensor
from fwgen.ops import operators

MOST_CHANNELS = 1 << 20
"""Channels of all activations together that are looked at: a file of some bytes may ask for
gigabytes of them. Where there are more, tensors with the most are left as they are."""

MOST_ROUNDS = 64
"""Through all ops, from the last to the first; most models need two or three."""

Rules = Mapping[int, ChannelRule | None]


def drop_dead_channels(graph: Graph, strict: bool) -> Graph:
    """The graph without dead and constant channels; the same object if there are none.

    ``strict`` drops only channels with no weight other than 0, as MLPerf's closed division wants.
    """
    known = operators()
    wide = _wide(graph)
    rules = {
        op.index: known[op.code].channels(Node(graph, op))
        if _activations(graph, op) and not wide.intersection((*op.inputs, *op.outputs))
        else None
        for op in graph.ops
    }
    reach = _reach(graph, rules, wide)
    keep = _keep(graph, rules, reach, strict)
    if all(mask.all() for mask in keep.values()):
        return graph
    shrunk = _shrink(graph, rules, reach, keep)
    for op in shrunk.ops:
        known[op.code].examine(Node(shrunk, op))
    return shrunk


def _wide(graph: Graph) -> set[int]:
    """The activations with the most channels, without which ``MOST_CHANNELS`` are enough."""
    tensors = dict.fromkeys((*graph.given, *(t for op in graph.ops for t in op.outputs)))
    counts = {t: channels_of(graph.tensors[t]) for t in tensors}
    narrow = sorted(tensors, key=counts.__getitem__)
    sums = accumulate(counts[t] for t in narrow)
    return {t for t, total in zip(narrow, sums, strict=True) if total > MOST_CHANNELS}


def _activations(graph: Graph, op: Op) -> list[int]:
    return [t for t in op.inputs if t != ABSENT and graph.tensors[t].data is None]


def _reach(graph: Graph, rules: Rules, wide: Collection[int]) -> dict[int, Reach]:
    """What the channels of every activation that is not ``wide`` can hold."""
    reach = {t: full_reach(graph.tensors[t]) for t in graph.given if t not in wide}
    for op in graph.ops:
        rule = rules[op.index]
        for t in (t for t in op.outputs if t not in wide):
            reach[t] = full_reach(graph.tensors[t])
        if rule is not None:
            inputs = [reach[t] for t in _activations(graph, op)]
            reach[op.outputs[0]] = rule.reach(Node(graph, op), inputs)
    return reach


def _keep(graph: Graph, rules: Rules, reach: Mapping[int, Reach], strict: bool) -> dict[int, Mask]:
    """Which channels of every activation stay.

    Channelwise ops tie the channels of their inputs and output together: tied tensors share one
    mask. Masks only grow until nothing changes.
    """
    tied = {t: t for t in reach}

    def root(tensor: int) -> int:
        while tied[tensor] != tensor:
            tied[tensor] = tied[tied[tensor]]  # so that no chain of ops is walked again and again
            tensor = tied[tensor]
        return tensor

    for op in graph.ops:
        rule = rules[op.index]
        if rule is not None and rule.needs is None:
            for t in _activations(graph, op):
                tied[root(t)] = root(op.outputs[0])
    masks = {root(t): np.zeros(len(reach[t].low), bool) for t in reach}
    whole = [*graph.given, *graph.kept]
    for op in graph.ops:
        rule = rules[op.index]
        if rule is None:
            whole += (*_activations(graph, op), *op.outputs)
        elif strict:
            inputs, outputs = rule.touched(Node(graph, op))
            masks[root(_activations(graph, op)[0])] |= inputs
            masks[root(op.outputs[0])] |= outputs
    for t in whole:
        if t in tied:
            masks[root(t)][:] = True
    _grow(graph, rules, reach, {t: masks[root(t)] for t in reach})
    return {t: masks[root(t)] for t in reach}


def _grow(
    graph: Graph, rules: Rules, reach: Mapping[int, Reach], masks: Mapping[int, Mask]
) -> None:
    """Add to the masks the channels that readers need, until nothing is added.

    If that takes too long, the masks have all channels.
    """
    for _ in range(MOST_ROUNDS):
        changed = False
        for op in reversed(graph.ops):
            rule = rules[op.index]
            if rule is None or rule.needs is None:
                continue
            mask = masks[op.inputs[0]]
            needed = rule.needs(Node(graph, op), reach[op.inputs[0]], masks[op.outputs[0]])
            changed |= bool((needed & ~mask).any())
            mask |= needed
        for mask in masks.values():
            if not (changed or mask.any()):
                mask[0] = changed = True  # a tensor has at least one channel, and that is right
        if not changed:
            return
    for mask in masks.values():
        mask[:] = True


def _shrink(
    graph: Graph, rules: Rules, reach: Mapping[int, Reach], keep: Mapping[int, Mask]
) -> Graph:
    """Cut tensors down to the kept channels, and weights and biases with them."""
    tensors = [_cut(t, keep[t.index]) if t.index in keep else t for t in graph.tensors]
    ops = []
    for op in graph.ops:
        rule = rules[op.index]
        inputs = list(op.inputs)
        if rule is not None:
            source = op.inputs[0]
            constants = rule.shrink(
                Node(graph, op), reach[source], keep[source], keep[op.outputs[0]]
            )
            for position, data in constants.items():
                data.setflags(write=False)
                inputs += [ABSENT] * (position + 1 - len(inputs))
                old = None if inputs[position] == ABSENT else tensors[inputs[position]]
                made = _constant(graph, op, old, len(tensors), data, keep[op.outputs[0]])
                tensors.append(made)
                inputs[position] = made.index
        ops.append(replace(op, inputs=tuple(inputs)))
    return replace(graph, tensors=tuple(tensors), ops=tuple(ops))


def _cut(tensor: Tensor, mask: Mask) -> Tensor:
    if mask.all():
        return tensor
    kept = tuple(int(c) for c in np.flatnonzero(mask))
    return replace(tensor, shape=(*tensor.shape[:-1], len(kept)), channels=kept)


def _constant(
    graph: Graph, op: Op, old: Tensor | None, index: int, data: np.ndarray, outputs: Mask
) -> Tensor:
    """The operand that takes the place of ``old``, or a bias where there was none."""
    x, w = graph.input(op, 0), graph.input(op, 1)
    if old is None:
        return Tensor(
            index=index,
            name=f"bias of op {op.index}",
            shape=data.shape,
            dtype=Element.of(data.dtype),
            quant=Quant((x.scale * w.scale,), (0,)),
            data=data,
            source=None,
        )
    quant = old.quant
    if quant is not None and quant.per_channel:
        quant = Quant(
            tuple(s for s, kept in zip(quant.scales, outputs, strict=True) if kept),
            tuple(z for z, kept in zip(quant.zero_points, outputs, strict=True) if kept),
            quant.axis,
        )
    return replace(old, index=index, shape=data.shape, quant=quant, data=data, source=None)
