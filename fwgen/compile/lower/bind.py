"""The binding of names and addresses: Graph + Selection + Plan -> Program, ready to print; no
decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fwgen.board import Board, caches
from fwgen.compile.lower.constant_regions import place_weights
from fwgen.compile.lower.program import (
    Array,
    Block,
    Fed,
    PlacedTensor,
    Program,
    Step,
    Struct,
    op_name,
)
from fwgen.compile.macs import macs
from fwgen.compile.plan import Arena, Plan
from fwgen.compile.plan.traffic import accesses
from fwgen.compile.request import Request
from fwgen.compile.schedule.lifetimes import live_inputs
from fwgen.compile.select.selection import Selection
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
from fwgen.model.element import Element
from fwgen.model.graph import Graph, Op, Tensor


def lower(graph: Graph, selection: Selection, plan: Plan, request: Request) -> Program:
    """Bind every kernel call of the selection to tensor names, constants and scratch addresses,
    and every constant to a region."""
    arrays: dict[tuple[str, bytes], Array] = {}
    steps: list[Step] = []
    called: set[str] = set()
    work, words = macs(graph), _constant_words(graph, selection, request.board)
    for position, (op, chosen) in enumerate(zip(graph.ops, selection.chosen, strict=True)):
        calls: Calls = chosen.form.calls
        if op.index in plan.aliased:
            calls = ()
        elif op.index in plan.backwards:
            assert chosen.form.reversed is not None
            calls = chosen.form.reversed.calls
        calls = tuple(one for one in calls if not _is_idle(one, plan))
        bound = _Binding(graph, op, op_name(position), plan, arrays)
        blocks = tuple(bound.block(one) for one in calls)
        feed = chosen.form.row_feed
        stems = dict.fromkeys(stem for call in each_call(calls) for stem in call.kernels)
        called.update(stems)
        steps.append(
            Step(
                position=position,
                index=op.index,
                code=op.code,
                kernel=chosen.row.name,
                provider=chosen.row.provider,
                reason=selection.reasons[position],
                expected_cycles=round(chosen.cycles),
                by_provider={n: round(c) for n, c in selection.by_provider[position].items()},
                constant_bytes=chosen.constant_bytes,
                constants=tuple(bound.constants),
                constant_words=words[position],
                macs=work[op.index],
                what=_what(graph, op),
                blocks=blocks,
                structs=tuple(bound.structs),
                library_checks=tuple(bound.checks),
                outputs=op.outputs,
                functions=tuple(f"fw_{stem}" for stem in stems),
                fed=None if feed is None else bound.fed(feed),
            )
        )
    program = Program(
        graph=graph,
        request=request,
        plan=plan,
        activations=tuple(
            PlacedTensor(graph.tensors[t], address(plan, plan.offset_of[t]))
            for t in sorted(plan.offset_of)
        ),
        arrays=tuple(arrays.values()),
        steps=tuple(steps),
        fastest_cycles=round(selection.fastest_cycles),
        speed=selection.speed,
        kernels=tuple(sorted(called)),
    )
    return place_weights(program)


def _constant_words(
    graph: Graph, selection: Selection, board: Board
) -> tuple[Mapping[int, float], ...]:
    """``Step.constant_words`` of each op."""
    sizes = {0, *(cache.bytes for cache in board.every(caches.SECTION))}
    found = {size: accesses(graph, selection, size) for size in sizes}
    return tuple(
        {size: each[position].constants for size, each in found.items()}
        for position in range(len(graph.ops))
    )


COPIES = ("fw_copy", "fw_copy_mve")
"""Kernels that copy their first argument to the second."""


def _is_idle(one: Call | Repeat, plan: Plan) -> bool:
    """Whether a call copies a tensor to where it is: the old value of a variable to the new one."""
    match one:
        case Call(function, (Ref(source, 0), Ref(to, 0), *_)) if function in COPIES:
            return source in plan.offset_of and plan.offset_of[source] == plan.offset_of.get(to)
    return False


def arena_symbol(plan: Plan, arena: Arena) -> str:
    """What a part of the arena, or the state, is called in the C code and in the linker script."""
    if arena is plan.state:
        return "fw_state"
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
    times = "i" if abs(step) == 1 else f"{abs(step)} * i"
    if first == 0:
        return times if step > 0 else f"-{times}"
    return f"{first} + {times}" if step > 0 else f"{first} - {times}"


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
                data, made_of = tensor.data.reshape(-1), (index,)
                return self.array(
                    Array(name, tensor.dtype.c, data, _about(tensor), made_of=made_of)
                )
            case Constant(role, data, layout, made_of):
                c_type, name = Element.of(data.dtype).c, f"{self.name}_{role}"
                return self.array(
                    Array(name, c_type, data.reshape(-1), "", layout=layout, made_of=made_of)
                )
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
        wanted = replace(wanted, for_npu=self.op.pinned is not None)
        found = self.arrays.setdefault((wanted.c_type, wanted.data.tobytes()), wanted)
        self.constants[found.name] = None
        return found.name


def _about(tensor: Tensor) -> str:
    return f"{tensor.dtype.word} {_shape(tensor)}"


def _what(graph: Graph, op: Op) -> str:
    """The op in a few words: the shapes of what it reads first in the arena, and of outputs."""
    first = next(iter(live_inputs(graph, op)), op.inputs[0])
    source, *outputs = (_shape(graph.tensors[t]) for t in (first, *op.outputs))
    return f"{source} -> {', '.join(outputs)}"


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "scalar"
