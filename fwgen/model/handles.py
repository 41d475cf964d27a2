"""The handles of a model file: by them ops reach variables, from any subgraph.

VAR_HANDLE gives a name to a variable, READ_VARIABLE and ASSIGN_VARIABLE copy its value, CALL_ONCE
runs a subgraph before the first inference, which gives variables their first values. Handles and
CALL_ONCE vanish here; reading and assigning become copies between tensors, each of which is written
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from fwgen.errors import ModelError
from fwgen.model.control import DO, ELSE, IF, WHILE, ControlSpan, spans
from fwgen.model.flatbuffer import FlatbufferTable
from fwgen.model.graph import Graph, Op, Tensor, Variable, View

VAR_HANDLE, READ, ASSIGN, CALL_ONCE = "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE", "CALL_ONCE"

MOST_NAME_BYTES = 255

_CONTAINER, _SHARED_NAME = 0, 1  # of VarHandleOptions
_INIT_SUBGRAPH = 0  # of CallOnceOptions

Name = tuple[bytes | None, bytes]
"""A variable's container, None if the file has none, and its name."""


@dataclass(frozen=True)
class _Resource:
    """A variable as the tensor says that is the first to be assigned to it."""

    name: str
    model: Tensor

    @property
    def tensor(self) -> Tensor:
        """The variable's own tensor, which has no index yet."""
        return replace(self.model, index=-1, name=self.name, data=None, source=None)

    @property
    def initial(self) -> np.ndarray:
        """All bytes are the lowest byte of the zero point, of any element type.

        Source: TFLM's ``micro_resource_variable.cc``.
        """
        quant = self.model.quant
        zero = quant.zero_points[0] if quant and quant.zero_points else 0
        one = np.full(self.model.dtype.bytes, zero % 256, np.uint8).view(self.model.dtype.numpy)
        return np.broadcast_to(one[0], self.model.shape)


def with_variables(main: Graph, subgraph: Callable[[int], Graph | None]) -> Graph:
    """The main graph with variables in place of handles, and the graphs that run once before it.

    ``subgraph`` gives another graph of the file, None if there is none of that number. Raises
    ModelError for what TFLM does not do, or not in one way.
    """
    if not any(op.code in (VAR_HANDLE, READ, ASSIGN, CALL_ONCE) for op in main.ops):
        return main
    once = _called_once(main, subgraph)
    graphs = [main, *(graph for graph, _ in once)]
    names: list[Name] = []
    handles = [_handles(graph, names) for graph in graphs]
    pairs = list(zip(graphs, handles, strict=True))
    used = {number for graph, variables in pairs for number in _used(graph, variables)}
    found: dict[int, _Resource] = {}
    for graph, variables in pairs:
        for number, tensor in _assigned(graph, variables):
            found.setdefault(number, _Resource(_shown(names[number]), tensor))
    for number in sorted(used - found.keys()):
        raise ModelError(
            f'No op assigns anything to the variable "{_shown(names[number])}", whose size is '
            "therefore unknown.",
            at=main.at,
        )
    resources = dict(sorted(found.items()))
    for (graph, late), variables in zip(once, handles[1:], strict=True):
        if late is not None and not _is_idle(graph, variables, resources):
            raise ModelError(
                "CALL_ONCE comes after an op that reads or assigns a variable, expected before.",
                at=_place(main, late),
            )
    whole, *begun = (_resolved(graph, variables, resources) for graph, variables in pairs)
    return replace(whole, once=tuple(begun))


def _is_idle(graph: Graph, handles: Mapping[int, int], resources: Mapping[int, _Resource]) -> bool:
    """Whether a graph only assigns what variables begin with anyway: then it may run at any time
    before they are assigned."""
    if any(op.code not in (VAR_HANDLE, ASSIGN) for op in graph.ops):
        return False
    return all(
        value.data is not None
        and value.data.tobytes() == np.ascontiguousarray(resources[number].initial).tobytes()
        for number, value in _assigned(graph, handles)
    )


def _shown(name: Name) -> str:
    container, shared = (part or b"" for part in name)
    return b"/".join(filter(None, (container, shared))).decode("ascii", "backslashreplace")


def _called_once(
    main: Graph, subgraph: Callable[[int], Graph | None]
) -> list[tuple[Graph, Op | None]]:
    """The graphs that ops of the main one call once, in the order of these ops; with the op, if it
    comes after one that reads a variable."""
    called: dict[int, tuple[Graph, Op | None]] = {}
    read = assigned = False
    for op in main.ops:
        read, assigned = read or op.code == READ, assigned or op.code == ASSIGN
        if op.code != CALL_ONCE:
            continue
        at = _place(main, op)
        if op.inputs or op.outputs:
            raise ModelError("CALL_ONCE takes no tensors.", at=at)
        if assigned:
            raise ModelError("CALL_ONCE comes after an op that assigns a variable.", at=at)
        options = cast("FlatbufferTable | None", op.options)
        number = 0 if options is None else options.i32(_INIT_SUBGRAPH)
        if number in called:
            continue  # it is called by each op, and gives the same values again
        graph = subgraph(number)
        if graph is None:
            raise ModelError(
                f"CALL_ONCE calls subgraph {number}, expected another one than the main subgraph.",
                at=at,
            )
        if any(other.code == CALL_ONCE for other in graph.ops):
            raise ModelError("A subgraph that is called once calls another one.", at=at)
        if graph.inputs or graph.variables:
            raise ModelError(
                f"CALL_ONCE calls subgraph {number}, which has inputs or state of its own.", at=at
            )
        called[number] = graph, op if read else None
    return list(called.values())


def _handles(graph: Graph, names: list[Name]) -> dict[int, int]:
    """By tensor that is a handle, the position in ``names`` of what it stands for.

    Names that are new are added. Source: ``MicroResourceVariables::FindId``.
    """
    found: dict[int, int] = {}
    for op in graph.ops:
        if op.code != VAR_HANDLE:
            continue
        at = _place(graph, op)
        if op.inputs or len(op.outputs) != 1:
            raise ModelError("VAR_HANDLE takes no input and has one output.", at=at)
        container, shared = _name(op, at)
        known = [
            number
            for number, (other, name) in enumerate(names)
            if name == shared and container in (None, other)
        ]
        if container is not None and any(other is None for other, _ in names):
            raise ModelError(
                "VAR_HANDLE names a container, which handles before it do not.",
                at=at,
                tries=("one way to name variables throughout the model",),
            )
        if not known:
            names.append((container, shared))
        handle = op.outputs[0]
        if handle in found or not 0 <= handle < len(graph.tensors):
            raise ModelError(f"VAR_HANDLE writes tensor {handle}, expected one of its own.", at=at)
        found[handle] = known[0] if known else len(names) - 1
    return found


def _name(op: Op, at: str) -> Name:
    options = cast("FlatbufferTable | None", op.options)
    if options is None or not options.has(_SHARED_NAME):
        raise ModelError("VAR_HANDLE gives its variable no name.", at=at)
    parts: list[bytes | None] = []
    for slot in (_CONTAINER, _SHARED_NAME):
        view = options.view(slot)
        if len(view) > MOST_NAME_BYTES:
            raise ModelError(
                f"The name of a variable has {len(view):,} bytes, expected at most "
                f"{MOST_NAME_BYTES}.",
                at=at,
            )
        parts.append(bytes(view).split(b"\0")[0] if options.has(slot) else None)
    return parts[0], parts[1] or b""


def _used(graph: Graph, handles: Mapping[int, int]) -> set[int]:
    """The variables that a graph reads or assigns.

    Raises ModelError where a handle goes to another op, or out of the graph.
    """
    used = set()
    for op in graph.ops:
        at = _place(graph, op)
        counts = {READ: (1, 1), ASSIGN: (2, 0)}.get(op.code)
        if counts is not None:
            if (len(op.inputs), len(op.outputs)) != counts:
                raise ModelError(
                    f"{op.code} has {len(op.inputs)} inputs and {len(op.outputs)} outputs, "
                    f"expected {counts[0]} and {counts[1]}.",
                    at=at,
                )
            if op.inputs[0] not in handles:
                raise ModelError(
                    f"Input 0 of {op.code} is tensor {op.inputs[0]}, expected what a VAR_HANDLE of "
                    "this subgraph makes.",
                    at=at,
                )
            used.add(handles[op.inputs[0]])
        for tensor in op.inputs[1:] if counts else op.inputs:
            _require_value(tensor, handles, at)
            if counts and not 0 <= tensor < len(graph.tensors):
                raise ModelError(f"There is no tensor {tensor} to assign.", at=at)
        for tensor in () if op.code == VAR_HANDLE else op.outputs:
            _require_value(tensor, handles, at)
    for tensor in (*graph.inputs, *graph.outputs):
        _require_value(tensor, handles, graph.at)
    return used


def _require_value(tensor: int, handles: Mapping[int, int], at: str) -> None:
    if tensor in handles:
        raise ModelError(
            f"Tensor {tensor} is the handle of a variable, expected a value.",
            at=at,
            tries=("READ_VARIABLE, which gives the variable's value",),
        )


def _assigned(graph: Graph, handles: Mapping[int, int]) -> list[tuple[int, Tensor]]:
    """Variables, and the tensors that are assigned to them, in the order of ops."""
    return [
        (handles[op.inputs[0]], graph.tensors[op.inputs[1]])
        for op in graph.ops
        if op.code == ASSIGN
    ]


def _resolved(
    graph: Graph, handles: Mapping[int, int], resources: Mapping[int, _Resource]
) -> Graph:
    """A graph whose ops read and assign tensors that are variables; all ``resources`` are its."""
    flow = _Flow(graph, handles, resources)
    for position, op in enumerate(graph.ops):
        flow.run(position, op)
    return flow.resolved()


class _Flow:
    """The ops of a graph, one after the other; ``now`` are the tensors that variables are in.

    A variable that is assigned on a condition, or in a loop, is one more value that these give. It
    goes through the ops of ``control`` beside the values of the file.
    """

    def __init__(
        self, graph: Graph, handles: Mapping[int, int], resources: Mapping[int, _Resource]
    ) -> None:
        self._graph, self._handles, self._resources = graph, handles, resources
        self._tensors, self._views = list(graph.tensors), dict(graph.views)
        self._ops: list[Op] = []
        self._now = {number: self._new(number) for number in resources}
        self._first = dict(self._now)
        found = spans([op.code for op in graph.ops])
        self._spans = {at: s for s in found for at in (s.first, s.middle, s.last)}
        self._before: dict[int, dict[int, int]] = {}  # by position of an IF or WHILE
        self._middle: dict[int, int] = {}  # by position of an IF, its ELSE among the new ops
        self._inside: set[int] = set()  # tensors that control makes

    def run(self, position: int, op: Op) -> None:
        """Append the op as it works on tensors."""
        span = self._spans.get(position)
        if op.code == READ:
            op = replace(op, inputs=(self._now[self._handles[op.inputs[0]]],))
        elif op.code == ASSIGN:
            number, value = self._handles[op.inputs[0]], self._graph.tensors[op.inputs[1]]
            # TFLM's copy of it is the tensor that is assigned
            self._now[number] = self._new(number, value.source)
            op = replace(op, inputs=(value.index,), outputs=(self._now[number],))
        elif op.code in (VAR_HANDLE, CALL_ONCE):
            return
        elif span is not None:
            op = self._looping(span, op) if span.loops else self._choosing(span, op)
        self._ops.append(op)

    def _looping(self, span: ControlSpan, op: Op) -> Op:
        """An op of a WHILE, which also carries the variables that its body assigns."""
        if op.code == WHILE:
            if self._assigned(span.first, span.middle):
                raise ModelError(
                    "The condition of WHILE assigns a variable, expected that only the body does.",
                    at=_place(self._graph, op),
                )
            self._before[span.first] = carried = {
                number: self._new(number) for number in self._assigned(span.middle, span.last)
            }
            given = [self._now[number] for number in carried]
            self._now |= carried
            return _more(op, given, list(carried.values()))
        if op.code == DO:
            return op
        carried = self._before[span.first]
        given = [self._now[number] for number in carried]
        made = self._joined(carried, carried)
        return _more(op, given, made)

    def _choosing(self, span: ControlSpan, op: Op) -> Op:
        """An op of an IF, which also gives the variables that a branch assigns."""
        if op.code == IF:
            self._before[span.first] = dict(self._now)
            return op
        if op.code == ELSE:
            self._middle[span.first] = len(self._ops)
            self._before[span.first], self._now = self._now, self._before[span.first]
            return op
        then, other = self._before[span.first], dict(self._now)
        assigned = [number for number in self._resources if then[number] != other[number]]
        halves = {number: self._new(number) for number in assigned}
        at = self._middle[span.first]
        given = [then[number] for number in assigned]
        self._ops[at] = _more(self._ops[at], given, list(halves.values()))
        return _more(op, [other[number] for number in assigned], self._joined(assigned, halves))

    def _assigned(self, first: int, last: int) -> list[int]:
        """The variables that ops between two positions assign."""
        between = self._graph.ops[first + 1 : last]
        return sorted({self._handles[op.inputs[0]] for op in between if op.code == ASSIGN})

    def _joined(self, numbers: Iterable[int], views: Mapping[int, int]) -> list[int]:
        """New tensors that variables are in, of which ``views`` become views."""
        made = {number: self._new(number) for number in numbers}
        self._views |= {views[number]: View(t, 0) for number, t in made.items()}
        self._inside.update(made.values())
        self._now |= made
        return list(made.values())

    def _new(self, number: int, source: int | None = None) -> int:
        """Another tensor for a variable."""
        index = len(self._tensors)
        self._tensors.append(replace(self._resources[number].tensor, index=index, source=source))
        return index

    def resolved(self) -> Graph:
        """The graph, with the variables where they are after the last op."""
        count = len(self._graph.ops)
        for number, tensor in self._now.items():
            if tensor in self._inside:  # it is in the arena, as all that control makes
                self._now[number] = self._new(number)
                outputs = (self._now[number],)
                self._ops.append(Op(count, ASSIGN, (tensor,), outputs, None))
                count += 1
        variables = [
            Variable(self._first[number], self._now[number], resource.initial)
            for number, resource in self._resources.items()
        ]
        return replace(
            self._graph,
            tensors=tuple(self._tensors),
            ops=tuple(self._ops),
            variables=(*variables, *self._graph.variables),
            views=self._views,
        )


def _more(op: Op, inputs: Sequence[int], outputs: Sequence[int]) -> Op:
    """The op with more operands."""
    return replace(op, inputs=(*op.inputs, *inputs), outputs=(*op.outputs, *outputs))


def _place(graph: Graph, op: Op) -> str:
    return f"{graph.at}: op {op.index} {op.code}"
