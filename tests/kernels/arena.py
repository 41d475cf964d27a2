"""Arenas: all memory of one execution of a kernel, guarded, with the rights that it has there.

An arena holds tensors, constants, scratch memory and parameters at offsets that are chosen here.
What is between them is a pattern that must be left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fwgen.model.graph import Graph
from tests.kernels.kernel_rows import Call, Constant, Params, Ref, Scratch, Way, first_op

GUARD, PATTERN, UNKNOWN = 64, 0x5A, 0xA5
READ, WRITE = 1, 2
OUTPUT, FIRST_INPUT = 1, 2
"""Roles of ranges in the harness: the output; inputs in their order from 2 on."""

MOST_TRACED = 1 << 22
"""Bytes of input times bytes of output up to which overlap is looked for."""


@dataclass(frozen=True)
class Over:
    """The input at ``place`` begins ``at`` bytes after the output does, or before it."""

    place: int
    at: int


@dataclass(frozen=True, eq=False)
class Run:
    """An execution: of a way of a graph's op, or of several ops of a graph one after the other.

    Tensors begin ``shift`` bytes after a multiple of 16, if they are not ``over`` one another.
    """

    graph: Graph
    inputs: Sequence[np.ndarray]
    steps: tuple[Way, ...]
    shift: int = 0
    over: Over | None = None

    @property
    def calls(self) -> list[Call]:
        return [call for way in self.steps for call in way.calls]

    @property
    def scratch_bytes(self) -> int:
        return max((way.scratch_bytes for way in self.steps), default=0)


@dataclass
class Arena:
    """A run's memory before it, and the places of what is in it."""

    run: Run
    size: int = 0
    parts: list[tuple[int, np.ndarray]] = field(default_factory=list)
    ranges: list[tuple[int, int, int, int]] = field(default_factory=list)
    tensors: dict[int, int] = field(default_factory=dict)
    constants: dict[int, int] = field(default_factory=dict)
    params: dict[int, int] = field(default_factory=dict)
    scratch: int = 0
    traced: tuple[int, ...] = ()

    def take(self, size: int, shift: int = 0) -> int:
        """The offset of a new block, with a guard before it."""
        start = -(-(self.size + GUARD) // 16) * 16 + shift
        self.size = start + size
        return start

    def place(self, data: np.ndarray, rights: int, shift: int = 0, role: int = 0) -> int:
        content = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
        at = self.take(len(content), shift)
        self.parts.append((at, content))
        self.ranges.append((at, at + len(content), rights, role))
        return at

    @property
    def image(self) -> np.ndarray:
        whole = np.full(self.size, PATTERN, np.uint8)
        for at, content in self.parts:
            whole[at : at + len(content)] = content
        return whole

    def tensor(self, after: np.ndarray, index: int) -> np.ndarray:
        """The bytes of a tensor in an arena as it was left."""
        at = self.tensors[index]
        return after[at : at + self.run.graph.tensors[index].bytes]

    def damage(self, after: np.ndarray) -> str | None:
        """What was written where nothing may be, in words."""
        may = np.zeros(self.size, bool)
        for start, end, rights, _ in self.ranges:
            if rights & WRITE:
                may[start:end] = True
        wrong = np.flatnonzero((after != self.image) & ~may)
        return None if not len(wrong) else f"written: {', '.join(map(self.where, wrong[:3]))}"

    def where(self, offset: int) -> str:
        """An offset in words: the nearest thing that is there."""
        names = [(at, f"tensor {i}") for i, at in self.tensors.items()]
        names += [(at, "a constant") for at in self.constants.values()]
        names += [(at, "parameters") for at in self.params.values()]
        names.append((self.scratch, "scratch memory"))
        ends = dict.fromkeys((start for start, *_ in self.ranges), 0)
        ends |= {start: end for start, end, *_ in self.ranges}
        at, name = min(
            names, key=lambda n: min(abs(offset - n[0]), abs(offset - ends.get(n[0], 0)))
        )
        return f"byte {offset - at} of {name} ({ends.get(at, at) - at} bytes)"


def arena_of(run: Run) -> Arena:
    """The memory of a run."""
    graph, arena = run.graph, Arena(run)
    values = dict(zip(graph.inputs, run.inputs, strict=True))
    moving = [t for t in graph.tensors if t.data is None and _is_used(graph, t.index)]
    op = first_op(graph)
    over = max((way.over_bytes for way in run.steps), default=0)
    single = len(graph.ops) == 1
    roles = {op.outputs[0]: OUTPUT} if single else {}
    inputs = [t for t in dict.fromkeys(op.inputs) if single and t in values]
    traceable = graph.output(op).bytes * sum(graph.tensors[t].bytes for t in inputs) <= MOST_TRACED
    if single and traceable:
        roles |= {t: FIRST_INPUT + k for k, t in enumerate(inputs)}
        arena.traced = tuple(inputs)
    together: set[int] = set()
    if run.over is not None:
        together = {op.outputs[0], op.inputs[run.over.place]}
        _place_over(arena, run.over, values, over)
    for tensor in moving:
        if tensor.index in together:
            continue
        role, elements = roles.get(tensor.index, 0), tensor.dtype.bytes
        given = values.get(tensor.index)
        rights = READ | WRITE if given is None else READ
        data = np.full(tensor.bytes, UNKNOWN, np.uint8) if given is None else given
        at = arena.place(data, rights, run.shift // elements * elements, role)
        arena.tensors[tensor.index] = at
        if over and given is not None:
            # what is there counts as no input: it changes nothing
            arena.ranges.append((at + tensor.bytes, at + tensor.bytes + over, READ, 0))
    if run.scratch_bytes:
        arena.scratch = arena.place(np.full(run.scratch_bytes, UNKNOWN, np.uint8), READ | WRITE)
    for call in run.calls:
        _place_arguments(arena, call)
    arena.size += GUARD
    return arena


def _is_used(graph: Graph, index: int) -> bool:
    return any(index in (*op.inputs, *op.outputs) for op in graph.ops)


def _place_over(arena: Arena, over: Over, values: dict[int, np.ndarray], beyond: int) -> None:
    """Input and output in one block, in which anything goes, and what may be read after it."""
    graph = arena.run.graph
    op = first_op(graph)
    x, y = graph.tensors[op.inputs[over.place]], graph.output(op)
    source, output = max(0, over.at), max(0, -over.at)
    block = np.full(max(source + x.bytes, output + y.bytes), UNKNOWN, np.uint8)
    block[source : source + x.bytes] = np.frombuffer(values[x.index].tobytes(), np.uint8)
    # whatever lies lower begins at a multiple of 16
    at = arena.place(block, READ | WRITE)
    arena.ranges.append((at + len(block), at + len(block) + beyond, READ, 0))
    arena.tensors |= {x.index: at + source, y.index: at + output}


def room_of(members: Sequence[tuple[str, int | tuple[int, ...]]]) -> int:
    """Bytes that suffice for a struct: a word for each number, and some for members left out."""
    return 64 + 4 * sum(len(v) if isinstance(v, tuple) else 1 for _, v in members)


def _place_arguments(arena: Arena, call: Call) -> None:
    for arg in call.args:
        match arg:
            case Constant(_, data) if id(data) not in arena.constants:
                arena.constants[id(data)] = arena.place(data, READ)
            case Ref(index) if index not in arena.tensors and index not in arena.constants:
                arena.constants[index] = arena.place(arena.run.graph.tensors[index].constant, READ)
            case Params(_, members) if id(arg) not in arena.params:
                size = room_of(members)
                at = arena.place(np.full(size, UNKNOWN, np.uint8), READ | WRITE)
                arena.params[id(arg)] = at
            case Scratch() if not arena.scratch:
                arena.scratch = arena.take(0)
            case _:
                pass
