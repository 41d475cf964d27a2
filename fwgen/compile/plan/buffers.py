"""Graph + Selection -> Buffers: what has to live in the arena, when, and what may overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import lcm

from fwgen.compile.plan.problem import Buffer, Overlap, output_above, output_below
from fwgen.compile.schedule.lifetimes import Lifetime, by_tensor, dying_inputs
from fwgen.compile.schedule.overlaps import permissions
from fwgen.compile.select.selection import Selection
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.errors import ModelError
from fwgen.model.graph import Graph, Op


@dataclass(frozen=True)
class Contract:
    """What the kernel of op ``op`` permits for an input that dies there.

    ``forwards`` where it goes from the first byte to the last, ``backwards`` the other way. Both
    buffers begin at multiples of ``grain``.
    """

    op: int
    buffers: tuple[int, int]
    forwards: Overlap | None
    backwards: Overlap | None
    grain: int = 1

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        return tuple(o for o in (self.forwards, self.backwards) if o is not None)

    def among(self, number: Mapping[int, int]) -> Contract:
        """The same where buffers have other numbers."""

        def renumbered(o: Overlap | None) -> Overlap | None:
            return None if o is None else Overlap(number[o.lower], number[o.upper], o.distance)

        x, y = self.buffers
        return replace(
            self,
            buffers=(number[x], number[y]),
            forwards=renumbered(self.forwards),
            backwards=renumbered(self.backwards),
        )


def buffers(graph: Graph, selection: Selection, lives: Sequence[Lifetime]) -> tuple[Buffer, ...]:
    """The arena's buffers: activations, inputs, outputs and scratch."""
    activations = [
        Buffer(
            *(life.bytes, life.first, life.last, life.tensors),
            offset=graph.tensors[life.tensors[0]].offset,
        )
        for life in lives
    ]
    remembered = _remembered(graph)
    scratch = []
    for position, (op, form) in enumerate(_forms(graph, selection)):
        if form.scratch_bytes > 0:
            life = position, position + 1
            if form.pinned_scratch_at is not None and remembered is not None:
                life = remembered
            scratch.append(
                Buffer(
                    form.scratch_bytes, *life, scratch_of=op.index, offset=form.pinned_scratch_at
                )
            )
    return (*activations, *scratch)


def _remembered(graph: Graph) -> tuple[int, int] | None:
    """From the first pinned op until after the last, if one reads what another left behind."""
    pinned = [(position, op.pinned) for position, op in enumerate(graph.ops) if op.pinned]
    remembering = any(fact.remembers for _, fact in pinned)
    return (pinned[0][0], pinned[-1][0] + 1) if remembering else None


def _forms(graph: Graph, selection: Selection) -> Iterator[tuple[Op, Form]]:
    for op, chosen in zip(graph.ops, selection.chosen, strict=True):
        yield op, chosen.form


def apart(
    graph: Graph, selection: Selection, lives: Sequence[Lifetime], needed: Sequence[Buffer]
) -> tuple[Overlap, ...]:
    """Permissions to overlap for buffers with fixed offsets, whose ops are made for that.

    The scratch memory of an NPU's op lies around all of them, and an input that dies at its op may
    overlap an output. Raises ModelError where two of the others would be in the same place.
    """
    number = {t: j for j, buffer in enumerate(needed) for t in buffer.tensors}
    scratch = {b.scratch_of: j for j, b in enumerate(needed) if b.scratch_of is not None}
    life_of = by_tensor(lives)
    free: set[tuple[int, int]] = set()
    for position, (op, form) in enumerate(_forms(graph, selection)):
        if form.pinned_scratch_at is None:
            continue
        own = scratch[op.index]
        first, last = needed[own].first, needed[own].last
        free |= {
            (own, j)
            for j, b in enumerate(needed)
            if b.offset is not None and b.first < last and first < b.last and j != own
        }
        dying = [number[op.inputs[place]] for place in dying_inputs(graph, position, life_of)]
        free |= {(x, number[y]) for x in dying for y in op.outputs}
    fixed = [j for j, b in enumerate(needed) if b.offset is not None]
    for a, b in combinations(fixed, 2):
        if not {(a, b), (b, a)} & free and _collide(needed[a], needed[b]):
            names = [f"t{t}" for j in (a, b) for t in needed[j].tensors[:1]]
            raise ModelError(
                f"The model's plan has {' and '.join(names)} in the same place while both are "
                "needed.",
                at=graph.at,
            )
    for position, op in enumerate(graph.ops):
        kept = (b for b in needed if b.first <= position < b.last - 1)
        _check_writes(graph, op, [b for b in kept if b.tensors])
    return tuple(Overlap(a, b, -needed[b].bytes) for a, b in sorted(free))


def _check_writes(graph: Graph, op: Op, kept: Sequence[Buffer]) -> None:
    """Check that an op with fixed offsets does not write to what is needed later."""
    if op.pinned is None:
        return
    own = {*op.outputs, *op.pinned.updates}
    for b in kept:
        if b.offset is None or own.intersection(b.tensors):
            continue
        for first, last in op.pinned.writes:
            if first < b.offset + b.bytes and b.offset < last:
                raise ModelError(
                    f"The NPU's command stream writes to t{b.tensors[0]}, which is needed later.",
                    at=Node(graph, op).place,
                )


def _collide(a: Buffer, b: Buffer) -> bool:
    """Whether two buffers with offsets share a byte at some moment."""
    assert a.offset is not None and b.offset is not None
    together = a.first < b.last and b.first < a.last
    return together and a.offset < b.offset + b.bytes and b.offset < a.offset + a.bytes


def in_grains(needed: Sequence[Buffer], permitted: Sequence[Contract]) -> tuple[Buffer, ...]:
    """The buffers with the alignments that the contracts want."""
    found = list(needed)
    for contract in permitted:
        for j in contract.buffers:
            found[j] = replace(found[j], alignment=lcm(found[j].alignment, contract.grain))
    return tuple(found)


def contracts(
    graph: Graph, selection: Selection, lives: Sequence[Lifetime], needed: Sequence[Buffer]
) -> tuple[Contract, ...]:
    """What the chosen kernels permit, for each input that dies at an op."""
    number = {t: j for j, buffer in enumerate(needed) for t in buffer.tensors}
    life_of = by_tensor(lives)
    found = []
    for position, (op, chosen) in enumerate(zip(graph.ops, selection.chosen, strict=True)):
        y = number.get(op.outputs[0])
        if y is None or needed[y].offset is not None:
            continue
        for way in permissions(chosen.form, dying_inputs(graph, position, life_of)):
            x = number[op.inputs[way.place]]
            if needed[x].offset is not None:
                continue
            below = above = None
            if way.forwards is not None:
                below = output_below(y, x, way.forwards)
            if way.backwards is not None:
                above = output_above(x, needed[x].bytes, y, needed[y].bytes, way.backwards)
            found.append(Contract(op.index, (x, y), below, above, way.step_bytes))
    return tuple(found)
