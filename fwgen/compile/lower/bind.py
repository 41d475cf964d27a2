"""Graph + Selection + Plan -> Program: names and addresses bound, ready to print; no decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.board import Board
from fwgen.board.placement import NO_PINS, Pins
from fwgen.compile.plan import Arena, Plan
from fwgen.compile.plan.traffic import accesses
from fwgen.compile.select.choice import Selection, macs
from fwgen.compile.select.slow_ops import NOTHING_SLOW, Speed
from fwgen.contract.call import (
    Arg,
    Call,
    Calls,
    Constant,
    Each,
    Function,
    Null,
    Params,
    Ref,
    Repeat,
    Scratch,
    each_call,
)
from fwgen.contract.kernel import RowFeed
from fwgen.kernels.cmsis_nn.cores import PROVIDER as CMSIS_NN
from fwgen.model.element import Element
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.npu.offload import Offload, configuration_of
from fwgen.npu.payload import Configuration


@dataclass(frozen=True, eq=False)
class Array:
    """A const array in flash: ``c_type name[elements]``, ``data`` flat, in a ``region``.

    ``for_npu``: an NPU reads it, which needs it aligned to 16 bytes, where it reaches it.
    """

    name: str
    c_type: str
    data: npt.NDArray[np.generic]
    comment: str
    region: str = ""
    for_npu: bool = False


@dataclass(frozen=True)
class Struct:
    """A const parameter struct: members with their values."""

    name: str
    c_type: str
    members: tuple[tuple[str, int | tuple[int, ...]], ...]


@dataclass(frozen=True)
class PlacedTensor:
    """A tensor in the arena, named ``t<index>`` in the C code; ``place`` is a C expression."""

    tensor: Tensor
    place: str


Block = tuple[int, tuple[tuple[str, tuple[str, ...]], ...]]
"""Calls (function, arguments as C expressions), made so many times, which ``i`` counts from 0."""


@dataclass(frozen=True)
class Fed:
    """How the model's input is fed: ``rows`` of ``row_bytes``, ``band_rows`` before each block.

    They go to ``ring``, a C expression; after a block (of ``rows_after``), to that row of it.
    """

    rows: int
    row_bytes: int
    band_rows: int
    ring: str
    rows_after: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One op as the C code runs it; its ``blocks`` all at once, or as rows are ``fed``.

    ``position`` is its number in the firmware, ``index`` the model's, in which passes leave gaps.
    ``expected_cycles`` is the formula's by which the variant was chosen, for ``reason``;
    ``constant_bytes`` are what it reads from flash, shared with other ops or not, in ``constants``
    by their names, with ``constant_words`` accesses. ``by_provider`` are the cycles of the fastest
    kernel of each provider. ``library_checks`` are (function, argument, bytes): what a library is
    asked at boot, and what it must say.
    """

    position: int
    index: int
    code: str
    variant: str
    provider: str
    reason: str
    expected_cycles: int
    by_provider: Mapping[str, int]
    constant_bytes: int
    constants: tuple[str, ...]
    constant_words: float
    macs: int
    what: str
    blocks: tuple[Block, ...]
    structs: tuple[Struct, ...]
    library_checks: tuple[tuple[str, str, int], ...]
    output: int
    fed: Fed | None = None

    @property
    def name(self) -> str:
        """The op's C function."""
        return op_name(self.position)


@dataclass(frozen=True)
class Program:
    """All that the templates print. ``goal`` is what its kernels were chosen for.

    ``fastest_cycles`` is ``expected_cycles`` if they had been chosen for speed alone; ``speed`` is
    what is said of ops in plain C, ``slowdown`` what was asked of the goal. ``pins`` are the
    regions that were asked for, ``moved`` what is in others than the board has for it, see
    ``placement.moves``; accesses to constants wait for ``constant_wait_cycles``.
    """

    graph: Graph
    board: Board
    goal: str
    plan: Plan
    activations: tuple[PlacedTensor, ...]
    arrays: tuple[Array, ...]
    steps: tuple[Step, ...]
    kernels: tuple[str, ...]
    model_macs: int
    fastest_cycles: int
    pins: Pins = NO_PINS
    moved: tuple[Mapping[str, Any], ...] = ()
    speed: Speed = NOTHING_SLOW
    slowdown: float | None = None
    constant_wait_cycles: float = 0.0

    @property
    def uses_cmsis_nn(self) -> bool:
        """Whether any op is CMSIS-NN's."""
        return any(step.provider == CMSIS_NN for step in self.steps)

    @property
    def npu(self) -> Configuration | None:
        """The NPU that does some ops, if one does."""
        return configuration_of(self.graph)

    @property
    def has_fast_arena(self) -> bool:
        """Whether the NPU has an arena of its own beside the one that it shares with the core."""
        offloads = (op.options for op in self.graph.ops if isinstance(op.options, Offload))
        return any(offload.fast is not None for offload in offloads)

    @property
    def macs(self) -> int:
        """Multiply-accumulates that are left to do."""
        return sum(step.macs for step in self.steps)

    @property
    def expected_cycles(self) -> int:
        """Cycles of an inference by the formulas by which kernels were chosen."""
        return sum(step.expected_cycles for step in self.steps)

    @property
    def wait_cycles(self) -> int:
        """Cycles of an inference for which the core waits for slow regions, by estimate."""
        return round(self.plan.wait_cycles + self.constant_wait_cycles)

    @property
    def input_bytes(self) -> int:
        """Bytes of all inputs, of which the runtime keeps a copy."""
        return sum(self.graph.tensors[t].bytes for t in self.graph.inputs)

    @property
    def weights_bytes(self) -> int:
        """Bytes of all constant arrays."""
        return sum(array.data.nbytes for array in self.arrays)


def lower(graph: Graph, board: Board, selection: Selection, plan: Plan, model_macs: int) -> Program:
    """Bind every kernel call of the selection to tensor names, constants and scratch addresses.

    ``model_macs`` are those of the model as it came, before passes.
    """
    arrays: dict[tuple[str, bytes], Array] = {}
    steps: list[Step] = []
    called: set[str] = set()
    work, words = macs(graph), accesses(graph, selection)
    for position, (op, chosen) in enumerate(zip(graph.ops, selection.chosen, strict=True)):
        calls: Calls = chosen.form.calls
        if op.index in plan.aliased:
            calls = ()
        elif op.index in plan.backwards:
            assert chosen.form.reversed is not None
            calls = chosen.form.reversed.calls
        bound = _Binding(graph, op, op_name(position), plan, arrays)
        blocks = tuple(bound.block(one) for one in calls)
        feed = chosen.form.row_feed
        called.update(stem for call in each_call(calls) for stem in call.kernels)
        steps.append(
            Step(
                position=position,
                index=op.index,
                code=op.code,
                variant=chosen.variant.name,
                provider=chosen.variant.provider,
                reason=selection.reasons[position],
                expected_cycles=round(chosen.cycles),
                by_provider={n: round(c) for n, c in selection.by_provider[position].items()},
                constant_bytes=chosen.constant_bytes,
                constants=tuple(bound.constants),
                constant_words=words[position].constants,
                macs=work[op.index],
                what=_what(graph, op),
                blocks=blocks,
                structs=tuple(bound.structs),
                library_checks=tuple(bound.checks),
                output=op.outputs[0],
                fed=None if feed is None else bound.fed(feed),
            )
        )
    return Program(
        graph=graph,
        board=board,
        goal=selection.goal,
        plan=plan,
        activations=tuple(
            PlacedTensor(graph.tensors[t], address(plan, plan.offset_of[t]))
            for t in sorted(plan.offset_of)
        ),
        arrays=tuple(arrays.values()),
        steps=tuple(steps),
        model_macs=model_macs,
        fastest_cycles=round(selection.fastest_cycles),
        kernels=tuple(sorted(called)),
    )


def op_name(position: int) -> str:
    """What an op is called in the C code."""
    return f"op{position}"


def arena_symbol(plan: Plan, arena: Arena) -> str:
    """What a part of the arena is called in the C code and in the linker script."""
    return "fw_arena" if len(plan.arenas) == 1 else f"fw_arena_{arena.region.lower()}"


def address(plan: Plan, offset: int, within: int | Each = 0) -> str:
    """``within`` bytes after what is at an offset of the plan, as a C expression."""
    arena = plan.arena_at(offset)
    start = offset - arena.base
    if isinstance(within, Each):
        return f"{arena_symbol(plan, arena)} + {_each(replace(within, first=start + within.first))}"
    return f"{arena_symbol(plan, arena)} + {start + within}"


def _each(number: Each) -> str:
    first, step = number.first, number.step
    return f"{first} + {step} * i" if step > 0 else f"{first} - {-step} * i"


class _Binding:
    """Turns the arguments of one op's calls into C expressions, collecting what they refer to.

    ``name`` is the op's in the C code, with which those of its constants begin. ``arrays`` are the
    constants by type and content: what several ops have is in flash once, named after the first.
    """

    def __init__(
        self, graph: Graph, op: Op, name: str, plan: Plan, arrays: dict[tuple[str, bytes], Array]
    ) -> None:
        self.graph, self.op, self.name, self.plan, self.arrays = graph, op, name, plan, arrays
        self.structs: list[Struct] = []
        self.checks: list[tuple[str, str, int]] = []
        self.constants: dict[str, None] = {}  # names in the order of their use

    def fed(self, feed: RowFeed) -> Fed:
        image = self.graph.input(self.op)
        return Fed(
            rows=image.shape[1],
            row_bytes=feed.row_bytes,
            band_rows=feed.band_rows,
            ring=self.expression(Scratch(feed.at, image.dtype)),
            rows_after=tuple(band.row for band in feed.bands),
        )

    def block(self, one: Call | Repeat) -> Block:
        times, calls = (one.times, one.calls) if isinstance(one, Repeat) else (1, (one,))
        return times, tuple(self.call(call) for call in calls)

    def call(self, call: Call) -> tuple[str, tuple[str, ...]]:
        args = tuple(self.expression(a) for a in call.args)
        if call.library_bytes is not None:
            self.checks.append((f"{call.function}_bytes", args[0], call.library_bytes))
        return call.function, args

    def expression(self, arg: Arg) -> str:
        match arg:
            case Ref(index, at):
                tensor = self.graph.tensors[index]
                name = f"t{index}"
                if tensor.data is None:
                    return f"{name} + {self.expression(at)}" if at else name
                return self.array(
                    Array(name, tensor.dtype.c, tensor.data.reshape(-1), _about(tensor))
                )
            case Constant(role, data):
                c_type = Element.of(data.dtype).c
                return self.array(Array(f"{self.name}_{role}", c_type, data.reshape(-1), ""))
            case Params(c_type, fields):
                for struct in self.structs:
                    if (struct.c_type, struct.members) == (c_type, fields):
                        return f"&{struct.name}"
                name = f"{self.name}_params" + (str(len(self.structs)) if self.structs else "")
                self.structs.append(Struct(name, c_type, fields))
                return f"&{name}"
            case Scratch(at, elements):
                place = address(self.plan, self.plan.scratch_of[self.op.index], at)
                return place if elements is None else f"({elements.c} *)({place})"
            case Null():
                return "0"
            case Function(name):
                return name
            case Each():
                return _each(arg)
            case int():
                return str(arg)

    def array(self, wanted: Array) -> str:
        """The name of the constant that has this type and content."""
        wanted = replace(wanted, for_npu=isinstance(self.op.options, Offload))
        found = self.arrays.setdefault((wanted.c_type, wanted.data.tobytes()), wanted)
        self.constants[found.name] = None
        return found.name


def _about(tensor: Tensor) -> str:
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    return f"{tensor.dtype.word} {shape}"


def _what(graph: Graph, op: Op) -> str:
    """The op in a few words: input and output shapes."""
    shapes = ["x".join(map(str, t.shape)) or "scalar" for t in (graph.input(op), graph.output(op))]
    return f"{shapes[0]} -> {shapes[1]}"
