"""CASCADE: a chain of ops done band by band, with a few rows of what lies between them in memory.

A pass makes it of ops that go by rows. Each op makes a band of its rows whenever the next one needs
them, from the rows that the one before has made: nothing is computed twice. Rows in between are in
rings, which are linear: before rows are appended, those no longer needed are dropped, and the
others move to the front. The order is known here, so the C code is a list of calls, of which those
that repeat are a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import lcm
from typing import cast

from fwgen.compile.cascade.bands import Band, live_places
from fwgen.compile.cascade.repeated_calls import looped, repeated
from fwgen.contract.call import Arg, Call, Constant, Ref, Repeat, Scratch
from fwgen.contract.kernel import FedBands, Form, Kernel, OverlapLimit, Reads, RowFeed
from fwgen.contract.node import Node
from fwgen.contract.operator import Operator, no_options
from fwgen.model.alignment import aligned
from fwgen.model.element import S8_ALL, Element
from fwgen.model.graph import Graph, Op
from fwgen.ops.parts.overlap import distance

CASCADE = "CASCADE"
FEED = "FEED"
"""The first op of a cascade whose input is fed: its bands are rows that someone gives."""

OVER = 16
"""Bytes after the rings that kernels may read."""


@dataclass(frozen=True)
class Cascade:
    """The options of the op: the ops that it stands for, and the ways to do them."""

    ops: tuple[Op, ...]
    forms: tuple[Form, ...]
    macs: int


@dataclass(frozen=True)
class Move:
    """``rows`` rows of the ring of op ``ring`` go from row ``start`` to its front."""

    ring: int
    start: int
    rows: int


@dataclass(frozen=True)
class Run:
    """Op ``op`` makes band ``band``.

    ``reads`` has for each input the row where the op begins to read: a row of the input's ring, or
    of the tensor if it has no ring. ``write`` is the row where the op begins to write, of its ring
    or of the output.
    """

    op: int
    band: int
    reads: tuple[int, ...]
    write: int


@dataclass(frozen=True)
class Schedule:
    """Steps in their order, and how many rows the ring of each op must hold."""

    steps: tuple[Move | Run, ...]
    ring_rows: tuple[int, ...]


Sources = Sequence[Sequence[int | None]]
"""By op and input that is no constant: the op of the cascade that makes it, or None."""


def sources_of(graph: Graph, ops: Sequence[Op]) -> Sources:
    maker = {op.outputs[0]: k for k, op in enumerate(ops)}
    return [[maker.get(op.inputs[i]) for i in live_places(Node(graph, op))] for op in ops]


def schedule(sources: Sources, bands: Sequence[Sequence[Band]]) -> Schedule:
    """What the last op's bands need, each as soon as it is needed and no sooner."""
    count = len(bands)
    following, made, base, ring_rows = ([0] * count for _ in range(4))
    steps: list[Move | Run] = []

    def run(k: int) -> None:
        band = bands[k][following[k]]
        for j in sources[k]:
            while j is not None and made[j] < band.end:
                run(j)
        if k < count - 1:
            drop(k)
        reads = tuple(band.start - (0 if j is None else base[j]) for j in sources[k])
        steps.append(Run(k, following[k], reads, band.first - base[k]))
        made[k] = band.last
        following[k] += 1
        ring_rows[k] = max(ring_rows[k], made[k] - base[k])

    def drop(k: int) -> None:
        users = [c for c in range(count) if k in sources[c] and following[c] < len(bands[c])]
        needed = min((bands[c][following[c]].start for c in users), default=made[k])
        first = min(needed, made[k])
        if first > base[k] and made[k] > first:
            steps.append(Move(k, first - base[k], made[k] - first))
        base[k] = max(base[k], first)

    for _ in bands[-1]:
        run(count - 1)
    return Schedule(tuple(steps), (*ring_rows[:-1], 0))


Forms = Sequence[Mapping[Band, Form]]
"""By op, its bands in their order, each with a form whose calls do not repeat."""

MoveOf = Callable[[int], tuple[str, float]]
"""The kernel that moves so many bytes to lower addresses, and its cycles."""


def cascade_form(graph: Graph, ops: Sequence[Op], forms: Forms, move: MoveOf) -> Form:
    """The calls of a cascade and what they cost."""
    sources, bands = sources_of(graph, ops), [list(of) for of in forms]
    plan = schedule(sources, bands)
    row_bytes = [graph.output(op).bytes // graph.output(op).shape[1] for op in ops]
    starts, end = [], 0
    for rows, size in zip(plan.ring_rows, row_bytes, strict=True):
        starts.append(end)
        end = aligned(end + rows * size)
    places = _Places(graph, ops, sources, row_bytes, tuple(starts), end + OVER, {})
    parts: list[_ChainPart] = []
    cycles = 0.0
    for step in plan.steps:
        if isinstance(step, Run) and ops[step.op].code == FEED:
            parts.append(_ChainPart([], step.write))
            continue
        if not parts:
            parts.append(_ChainPart([], 0))
        calls = parts[-1].calls
        if isinstance(step, Move):
            at, size = places.rings[step.ring], row_bytes[step.ring]
            function, cost = move(step.rows * size)
            source, to = Scratch(at + step.start * size, Element.S8), Scratch(at, Element.S8)
            calls.append(Call(function, (source, to, step.rows * size)))
            cycles += cost
        else:
            form = forms[step.op][bands[step.op][step.band]]
            bind = partial(places.bound, step)
            for call in cast(tuple[Call, ...], form.calls):
                calls.append(replace(call, args=tuple(map(bind, call.args))))
            cycles += form.cycles
    used = [form for of in forms for form in of.values()]
    feed, made = None, looped([call for part in parts for call in part.calls])
    if ops[0].code == FEED:
        fed = _fed_bands(parts)
        made = tuple(Repeat(band.times, band.calls) for band in fed)
        first = bands[0][0]
        feed = RowFeed(places.rings[0], row_bytes[0], first.last - first.first, fed)
    return Form(
        calls=made,
        cycles=cycles,
        scratch_bytes=places.kernels
        + max(max(form.scratch_bytes, form.reads_past_bytes - OVER) for form in used),
        overlap=OverlapLimit(
            tuple(_distance(graph, ops, forms, plan, t) for t in inputs_of(graph, ops)),
            lcm(*(form.step_bytes for form in forms[-1].values())),
        ),
        reads_past_bytes=max(
            (
                form.reads_past_bytes
                for of, rings in zip(forms, sources, strict=True)
                for form in of.values()
                if None in rings  # past a ring there is scratch memory
            ),
            default=0,
        ),
        row_feed=feed,
        reads=Reads(max(map(len, bands))),
    )


@dataclass(frozen=True)
class _ChainPart:
    """Calls after a band of fed rows, which began at ``row`` of their ring; all, if none are."""

    calls: list[Call]
    row: int


def _fed_bands(parts: Sequence[_ChainPart]) -> tuple[FedBands, ...]:
    """The parts as bands: consecutive parts become one entry if only their addresses differ, by
    the same step."""
    found: list[FedBands] = []
    left = [part.calls for part in parts]
    rows = [part.row for part in parts[1:]] + [0]
    at = 0
    while at < len(left):
        times, calls = repeated(left[at:])
        same = next((i for i in range(1, times) if rows[at + i] != rows[at]), times)
        if same < times:
            times, calls = repeated(left[at : at + same])
        found.append(FedBands(times, calls, rows[at]))
        at += times
    return tuple(found)


def inputs_of(graph: Graph, ops: Sequence[Op]) -> tuple[int, ...]:
    """The tensors that a cascade reads, less constants, in the order of their first use."""
    inside = {op.outputs[0] for op in ops}
    used = (op.inputs[place] for op in ops for place in live_places(Node(graph, op)))
    return tuple(dict.fromkeys(t for t in used if t not in inside))


@dataclass(frozen=True)
class _Places:
    """Gives arguments of bands' calls their places: ``rings`` and, from ``kernels`` on, scratch."""

    graph: Graph
    ops: Sequence[Op]
    sources: Sources
    row_bytes: Sequence[int]
    rings: tuple[int, ...]
    kernels: int
    known: dict[tuple[str, str, bytes], Constant]

    def bound(self, step: Run, arg: Arg) -> Arg:
        """An argument of a call that makes a band; equal constants become one."""
        op = self.ops[step.op]
        match arg:
            case Constant(role, data):
                key = (f"{step.op}_{role}", data.dtype.name, data.tobytes())
                if key not in self.known:
                    # bands at the borders may have others in the same role
                    same = sum(other[0] == key[0] for other in self.known)
                    new_role = key[0] + (f"_{same}" if same else "")
                    self.known[key] = replace(arg, role=new_role)
                return self.known[key]
            case Scratch(int(at)):
                return Scratch(self.kernels + at)
            case Ref(tensor) if tensor == op.outputs[0]:
                return self._row(None if op is self.ops[-1] else step.op, tensor, step.write)
            case Ref(tensor) if self.graph.tensors[tensor].data is None:
                inputs = [op.inputs[place] for place in live_places(Node(self.graph, op))]
                place = inputs.index(tensor)
                return self._row(self.sources[step.op][place], tensor, step.reads[place])
            case _:
                return arg

    def _row(self, ring: int | None, tensor: int, row: int) -> Arg:
        if ring is None:
            x = self.graph.tensors[tensor]
            return Ref(tensor, row * (x.bytes // x.shape[1]))
        return Scratch(self.rings[ring] + row * self.row_bytes[ring], Element.S8)


def _distance(graph: Graph, ops: Sequence[Op], forms: Forms, plan: Schedule, tensor: int) -> int:
    """The smallest safe D of the output below an input, see ``overlap.py``."""
    bands = [list(of) for of in forms]
    x, y = graph.tensors[tensor], graph.output(ops[-1])
    x_row, y_row = x.bytes // x.shape[1], y.bytes // y.shape[1]
    none = 1 << 40
    read, written, within = [], [], [-none]
    for step in plan.steps:
        if isinstance(step, Move):
            continue
        op, band = ops[step.op], bands[step.op][step.band]
        reads = tensor in (op.inputs[place] for place in live_places(Node(graph, op)))
        writes = step.op == len(ops) - 1
        read.append(band.start * x_row if reads else none)
        written.append(band.last * y_row if writes else -none)
        if reads and writes:
            place = op.inputs.index(tensor)
            own = forms[step.op][band].forwards_at(place)
            if own is None:
                within.append(band.last * y_row - band.start * x_row)
            else:
                within.append(own + band.first * y_row - band.start * x_row)
    return max(distance(read, written), *within)


def _options(op: Op) -> Cascade:
    assert isinstance(op.options, Cascade)
    return op.options


OPERATOR = Operator(
    code=None,
    name=CASCADE,
    options=no_options,
    check=lambda node: None,
    macs=lambda node: node.options.macs,
    types=(S8_ALL,),
    reference=(
        Kernel(
            CASCADE,
            "cascade",
            "fwgen",
            lambda node: node.options.forms,
            functions=("move_down", "move_down_mve"),  # beside those of its ops
            types=(S8_ALL,),
        ),
    ),
)
