"""The inlining of subgraphs: the ops that WHILE and IF call become ops of the main graph.

A loop of few steps whose counter begins with a constant gives way to the ops of all its steps. An
IF whose condition is a constant gives way to the branch that is taken. What counters and conditions
are made of is computed for that: integers and truth values, each alone in its tensor.
All others become the ops of ``control``, and are decided when firmware runs. Source of what loops
and branches do: TFLM's ``while.cc`` and ``if.cc``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from fwgen.errors import ModelError
from fwgen.model.control import DO, ELSE, END_IF, END_WHILE, IF, WHILE
from fwgen.model.element import Element
from fwgen.model.flatbuffer import FlatbufferTable
from fwgen.model.graph import ABSENT, Graph, Op, Quant, Tensor, View
from fwgen.model.handles import ASSIGN, CALL_ONCE

MOST_STEPS = 64
"""Of a loop that is unrolled: each step has ops of its own in the firmware."""

MOST_UNROLLED_OPS = 256
"""What an unrolled loop may come to: a larger one has its ops once, whether its steps are known or
not."""

MOST_OPERANDS = 1 << 16
"""Operands of all ops after inlining, and of what is evaluated, so that no small file takes hours.
Half of them are for loops that are unrolled, or tried to be."""

MOST_DEPTH = 8
"""Loops and branches within each other."""

UNROLLED = "unroll=True, if it is a recurrent layer of Keras: its steps are in no list then"
"""What to try where a loop keeps a list of tensors, as those of GRU and SimpleRNN do."""

_FUNCTIONS: dict[str, Callable[..., np.generic]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "LESS": np.less,
    "LESS_EQUAL": np.less_equal,
    "GREATER": np.greater,
    "GREATER_EQUAL": np.greater_equal,
    "EQUAL": np.equal,
    "NOT_EQUAL": np.not_equal,
    "LOGICAL_AND": np.logical_and,
    "LOGICAL_OR": np.logical_or,
    "LOGICAL_NOT": np.logical_not,
}
_ACTIVATED = ("ADD", "SUB", "MUL")  # field 0 of their options is the activation
_SCALARS = (Element.S32, Element.S64, Element.BOOL)
_SMALLER = ("fewer or smaller subgraphs, which call each other less often",)


def inlined(main: Graph, subgraph: Callable[[int], Graph | None]) -> Graph:
    """The main graph with what WHILE and IF call; ops are numbered in their new order.

    ``subgraph`` gives another graph of the file, None if there is none of that number. Raises
    ModelError where subgraphs do not fit their calls, or come to too much.
    """
    if not any(op.code in (IF, WHILE) for op in main.ops):
        return main
    inlining = _Inlining(main, subgraph)
    for op in main.ops:
        inlining.run(op, op, 0)
    ops = tuple(replace(op, index=number) for number, op in enumerate(inlining.ops))
    tensors = tuple(inlining.tensors)
    return replace(main, tensors=tensors, ops=ops, views=inlining.views, inlined=True)


class _NotUnrolled(Exception):
    """A loop cannot be unrolled, or comes to too much."""


class _Inlining:
    """What a graph becomes; ``known`` are values of scalars by tensor."""

    def __init__(self, main: Graph, subgraph: Callable[[int], Graph | None]) -> None:
        self.tensors, self.ops = list(main.tensors), list[Op]()
        self.views: dict[int, View] = {}
        self._at, self._subgraph = main.at, subgraph
        self._read: dict[int, Graph] = {}
        self._constants: dict[tuple[int, int], int] = {}
        self._left = MOST_OPERANDS
        self._most_ops: int | None = None  # while a loop is being unrolled
        self._known: dict[int, np.generic] = {}
        for tensor in main.tensors:
            self._learn(tensor)

    def run(self, op: Op, call: Op, depth: int) -> None:
        """Append an op, or what it runs; ``call`` is the op of the main graph that it is of."""
        self._spend(len(op.inputs) + len(op.outputs) + 1, call)
        if op.code not in (IF, WHILE):
            self._evaluate(op)
            self.ops.append(op)
            return
        if depth == MOST_DEPTH:
            raise self._error(call, f"Subgraphs call each other more than {depth} deep.")
        (self._if if op.code == IF else self._while)(op, call, depth)

    def _while(self, op: Op, call: Op, depth: int) -> None:
        condition, body = self._called(op, call)
        self._require_counts(op, condition, op.inputs, 1, call)
        self._require_counts(op, body, op.inputs, len(op.outputs), call)
        if not op.inputs:
            raise self._error(call, "WHILE has no inputs, expected what the loop changes.")
        ops, tensors = len(self.ops), len(self.tensors)
        noted = dict(self._known), dict(self._constants), dict(self.views)
        try:
            self._pass(self._unrolled(op, (condition, body), call, depth), op, call)
        except _NotUnrolled:
            del self.ops[ops:], self.tensors[tensors:]
            self._known, self._constants, self.views = noted
            self._loop(op, (condition, body), call, depth)

    def _unrolled(self, op: Op, parts: tuple[int, int], call: Op, depth: int) -> Sequence[int]:
        """Append all steps of a loop; the tensors with what it carries in the end."""
        outermost = self._most_ops is None
        if outermost:
            self._most_ops = len(self.ops) + MOST_UNROLLED_OPS
        condition, body = parts
        carried: Sequence[int] = op.inputs
        try:
            for _ in range(MOST_STEPS + 1):
                (again,) = self._inlined(condition, carried, call, depth)
                value = self._known.get(again)
                if value is None or self.tensors[again].dtype is not Element.BOOL:
                    break
                if not value:
                    return carried
                carried = self._inlined(body, carried, call, depth)
        finally:
            if outermost:
                self._most_ops = None
        raise _NotUnrolled

    def _loop(self, op: Op, parts: tuple[int, int], call: Op, depth: int) -> None:
        """Append a loop whose steps are counted when firmware runs."""
        condition, body = parts
        held = [self._made_for(t) for t in op.outputs]
        for given, inside, output in zip(op.inputs, held, op.outputs, strict=True):
            self._require_alike(given, self.tensors[inside], call)
            self.views[inside] = View(output, 0)
        self._append(WHILE, op.inputs, held)
        (again,) = self._inlined(condition, held, call, depth)
        self._require_condition(again, call)
        self._append(DO, (again,), [self._made_for(again)])
        found = self._inlined(body, held, call, depth)
        for source, target in zip(found, op.outputs, strict=True):
            self._require_alike(source, self.tensors[target], call)
        self._append(END_WHILE, found, op.outputs)

    def _if(self, op: Op, call: Op, depth: int) -> None:
        branches = self._called(op, call)
        chosen, given = op.inputs[0] if op.inputs else ABSENT, op.inputs[1:]
        for branch in branches:
            self._require_counts(op, branch, op.inputs, len(op.outputs), call, first=1)
        self._require_condition(chosen, call)
        value = self._known.get(chosen)
        if value is not None:
            self._pass(self._inlined(branches[0 if value else 1], given, call, depth), op, call)
            return
        begin = len(self.ops)
        self._append(IF, (chosen,), [self._made_for(chosen)])
        halves = [self._made_for(t) for t in op.outputs]
        for branch, code, outputs in zip(
            branches, (ELSE, END_IF), (halves, op.outputs), strict=True
        ):
            found = self._inlined(branch, given, call, depth)
            for source, target in zip(found, op.outputs, strict=True):
                self._require_alike(source, self.tensors[target], call)
            self._append(code, found, outputs)
        self.views |= {
            half: View(output, 0) for half, output in zip(halves, op.outputs, strict=True)
        }
        if not op.outputs and all(other.code != ASSIGN for other in self.ops[begin:]):
            del self.ops[begin:]  # it does nothing

    def _append(self, code: str, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        self._forget(outputs)
        self.ops.append(Op(0, code, tuple(inputs), tuple(outputs), None))

    def _made_for(self, tensor: int) -> int:
        """A tensor like another, whose value it takes over."""
        made = replace(self.tensors[tensor], index=len(self.tensors), data=None, source=None)
        self.tensors.append(made)
        return made.index

    def _require_condition(self, tensor: int, call: Op) -> None:
        found = self.tensors[tensor] if 0 <= tensor < len(self.tensors) else None
        if found is None or found.dtype is not Element.BOOL or found.elements != 1:
            what = "none" if found is None else f"{found.dtype.word} of shape {list(found.shape)}"
            raise self._error(call, f"The condition of {call.code} is {what}, expected one bool.")

    def _pass(self, found: Sequence[int], op: Op, call: Op) -> None:
        """Append copies of what was found at build to be the outputs of an op."""
        for source, target in zip(found, op.outputs, strict=True):
            self._require_alike(source, self.tensors[target], call)
            copy = Op(0, "RESHAPE", (source,), (target,), None)
            self._evaluate(copy)
            self.ops.append(copy)

    def _called(self, op: Op, call: Op) -> tuple[int, int]:
        """The two subgraphs that an op may run, which are read with all that they call, whether it
        is run or not: TFLM prepares the ops of all."""
        waiting = [*_numbers(op)]
        while waiting:
            number = waiting.pop()
            if number not in self._read:
                self._read[number] = graph = self._plain(number, call)
                calls = (other for other in graph.ops if other.code in (IF, WHILE))
                waiting += [number for other in calls for number in _numbers(other)]
        return _numbers(op)

    def _plain(self, number: int, call: Op) -> Graph:
        graph = self._subgraph(number)
        if graph is None:
            raise self._error(
                call,
                f"{call.code} calls subgraph {number}, expected another one than the main "
                "subgraph.",
            )
        once = any(op.code == CALL_ONCE for op in graph.ops)
        if once or graph.variables:
            what = CALL_ONCE if once else "variable tensors"
            raise self._error(
                call,
                f"{call.code} calls subgraph {number}, which has {what}, expected in the main "
                "subgraph alone.",
                ("variables that are read and assigned (tf.Variable)",),
            )
        return graph

    def _require_counts(
        self, op: Op, number: int, inputs: Sequence[int], results: int, call: Op, first: int = 0
    ) -> None:
        """Require as many operands as a subgraph has, of the inputs from the ``first`` on; a loop
        gives as many as it takes."""
        graph, inputs = self._read[number], inputs[first:]
        loops = op.code == WHILE and len(inputs) != len(op.outputs)
        if loops or (len(graph.inputs), len(graph.outputs)) != (len(inputs), results):
            raise self._error(
                call,
                f"Subgraph {number} has {len(graph.inputs)} inputs and {len(graph.outputs)} "
                f"outputs, expected {len(inputs)} and {results}.",
            )
        for index in (*inputs, *op.outputs):
            if not 0 <= index < len(self.tensors):
                raise self._error(call, f"There is no tensor {index} to pass to a subgraph.")

    def _inlined(self, number: int, given: Sequence[int], call: Op, depth: int) -> list[int]:
        """Append the ops of a subgraph that works on ``given`` tensors; the tensors of its
        outputs."""
        graph, names = self._read[number], dict[int, int]()
        self._spend(len(graph.inputs) + len(graph.outputs) + 1, call)
        for inner, outer in zip(graph.inputs, given, strict=True):
            self._require_there(graph, inner, call)
            self._require_alike(outer, graph.tensors[inner], call)
            names[inner] = outer

        def own(t: int) -> int:
            """The tensor here for one of the subgraph: constants once, all others anew."""
            if t == ABSENT:
                return t
            self._require_there(graph, t, call)
            if t in names:
                return names[t]
            found = self._constants.get((number, t))
            if found is None:
                found = len(self.tensors)
                self.tensors.append(replace(graph.tensors[t], index=found, source=None))
                if graph.tensors[t].data is not None:
                    self._constants[number, t] = found
                    self._learn(self.tensors[found])
            names[t] = found
            return found

        for op in graph.ops:
            self._spend(len(op.inputs) + len(op.outputs), call)
            inputs, outputs = (tuple(map(own, side)) for side in (op.inputs, op.outputs))
            self.run(replace(op, inputs=inputs, outputs=outputs), call, depth + 1)
        return [own(t) for t in graph.outputs]

    def _evaluate(self, op: Op) -> None:
        """Note the output of an op on scalars that are known."""
        values = [self._known.get(t) for t in op.inputs]
        if len(op.outputs) != 1 or not 0 <= op.outputs[0] < len(self.tensors):
            return
        output = self.tensors[op.outputs[0]]
        self._forget(op.outputs)
        if not values or output.elements != 1 or any(value is None for value in values):
            return
        if op.code == "RESHAPE":
            self._known[output.index] = cast("np.generic", values[0])
            return
        function = _FUNCTIONS.get(op.code)
        options = cast("FlatbufferTable | None", op.options)
        if function is None or (op.code in _ACTIVATED and options is not None and options.i8(0)):
            return
        if len(values) != (1 if op.code == "LOGICAL_NOT" else 2):
            return
        with np.errstate(over="ignore"):  # integers wrap
            value = function(*values)
        if len({self.tensors[t].dtype for t in op.inputs}) == 1 and value.dtype == (
            output.dtype.numpy
        ):
            self._known[output.index] = value

    def _forget(self, outputs: Sequence[int]) -> None:
        for output in outputs:
            self._known.pop(output, None)

    def _learn(self, tensor: Tensor) -> None:
        """Note a constant that is a scalar."""
        alone = tensor.elements == 1 and tensor.dtype in _SCALARS and tensor.quant is None
        if alone and tensor.data is not None:
            self._known[tensor.index] = tensor.data.reshape(-1)[0]

    def _require_there(self, graph: Graph, index: int, call: Op) -> None:
        if not 0 <= index < len(graph.tensors):
            raise self._error(call, f"There is no tensor {index} in {graph.at}.")

    def _require_alike(self, outer: int, inner: Tensor, call: Op) -> None:
        """Require that a value passes as it is: TFLM copies its bytes."""
        tensor = self.tensors[outer]
        kinds = [(one.shape, one.dtype, one.bits) for one in (tensor, inner)]
        if kinds[0] != kinds[1] or not _alike(tensor.quant, inner.quant):
            raise self._error(
                call,
                f'Tensor "{tensor.name}" passes to or from "{inner.name}", which has another '
                "shape, element type or quantization.",
                (UNROLLED,) if call.code == WHILE else (),
            )

    def _spend(self, count: int, call: Op) -> None:
        """Count operands. Raises _NotUnrolled while a loop is unrolled that comes to too much."""
        self._left -= count
        if self._most_ops is not None and (
            len(self.ops) > self._most_ops or self._left < MOST_OPERANDS // 2
        ):
            raise _NotUnrolled
        if self._left < 0:
            raise self._error(
                call, f"Ops have more than {MOST_OPERANDS:,} operands after inlining.", _SMALLER
            )

    def _error(self, call: Op, what: str, tries: tuple[str, ...] = ()) -> ModelError:
        return ModelError(what, at=f"{self._at}: op {call.index} {call.code}", tries=tries)


def _alike(one: Quant | None, other: Quant | None) -> bool:
    """Whether values mean the same; those of activations, which have one scale at most."""
    sizes = (len(part) for q in (one, other) if q for part in (q.scales, q.zero_points))
    return max(sizes, default=0) <= 1 and one == other


def _numbers(op: Op) -> tuple[int, int]:
    """Those of the subgraphs that WHILE or IF calls: fields 0 and 1 of its options."""
    options = cast("FlatbufferTable | None", op.options)
    return (0, 0) if options is None else (options.i32(0), options.i32(1))
