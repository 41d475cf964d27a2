"""Graph + Selection -> Buffers: what has to live in the arena, when, and what may overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import lcm

from fwgen.lifetimes import Lifetime, by_tensor, dying_inputs
from fwgen.model.graph import Graph
from fwgen.plan.problem import Buffer, Overlap, output_above, output_below
from fwgen.select import Selection


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
    activations = [Buffer(life.bytes, life.first, life.last, life.tensors) for life in lives]
    scratch = [
        Buffer(chosen.form.scratch_bytes, position, position + 1, scratch_of=op.index)
        for position, (op, chosen) in enumerate(zip(graph.ops, selection.chosen, strict=True))
        if chosen.form.scratch_bytes > 0
    ]
    return (*activations, *scratch)


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
        y = number[op.outputs[0]]
        dying = dying_inputs(graph, position, life_of)
        for place in dying:
            x, form = number[op.inputs[place]], chosen.form
            forth, back = form.forwards_at(place), form.backwards_at(place)
            below = None if forth is None else output_below(y, x, forth)
            above = None
            if back is not None and len(dying) == 1:  # all inputs are walked the same way
                above = output_above(x, needed[x].bytes, y, needed[y].bytes, back)
            found.append(Contract(op.index, (x, y), below, above, form.grain))
    return tuple(found)
