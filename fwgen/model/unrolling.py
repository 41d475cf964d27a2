"""The unrolling of loops: WHILE and IF whose conditions are known at build give way to the ops that
they run.

All that counters and conditions are made of is computed here as well: integers and truth values,
each alone in its tensor. Source of what loops and branches do: TFLM's ``while.cc`` and ``if.cc``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from fwgen.errors import ModelError
from fwgen.model.element import Element
from fwgen.model.flatbuffer import FlatbufferTable
from fwgen.model.graph import ABSENT, Graph, Op, Quant, Tensor
from fwgen.model.handles import ASSIGN, CALL_ONCE, READ, VAR_HANDLE

IF, WHILE = "IF", "WHILE"

MOST_TRIPS = 64
"""How often a loop may run: each time has ops of its own in the firmware."""

MOST_OPERANDS = 1 << 16
"""Operands of all ops after unrolling, and of what runs them, so that no small file takes hours."""

MOST_DEPTH = 8
"""Loops and branches within each other."""

_ALONE = (VAR_HANDLE, READ, ASSIGN, CALL_ONCE)
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
_STEPS = (
    "unroll it before it is converted, as unroll=True of a Keras layer does",
    "a model of one step: what the loop carries becomes inputs and outputs, or variables",
)
_BRANCHES = ("compute both branches, and choose by SELECT_V2 (tf.where)",)


def unrolled(main: Graph, subgraph: Callable[[int], Graph | None]) -> Graph:
    """The main graph without WHILE and IF; ops are numbered in their new order.

    ``subgraph`` gives another graph of the file, None if there is none of that number. Raises
    ModelError where a condition is not known, a loop is long, or subgraphs do not fit their calls.
    """
    if not any(op.code in (IF, WHILE) for op in main.ops):
        return main
    unrolling = _Unrolling(main, subgraph)
    for op in main.ops:
        unrolling.run(op, op, 0)
    ops = tuple(replace(op, index=number) for number, op in enumerate(unrolling.ops))
    return replace(main, tensors=tuple(unrolling.tensors), ops=ops)


class _Unrolling:
    """What a graph becomes; ``known`` are values of scalars by tensor."""

    def __init__(self, main: Graph, subgraph: Callable[[int], Graph | None]) -> None:
        self.tensors, self.ops = list(main.tensors), list[Op]()
        self._at, self._subgraph = main.at, subgraph
        self._read: dict[int, Graph] = {}
        self._constants: dict[tuple[int, int], int] = {}
        self._left = MOST_OPERANDS
        self._known: dict[int, np.generic] = {}
        for tensor in main.tensors:
            self._learn(tensor)

    def run(self, op: Op, call: Op, depth: int) -> None:
        """Append an op, or what it runs; ``call`` is the op of the main graph that it is of."""
        self._spend(len(op.inputs) + len(op.outputs) + 1, call)
        if op.code in (IF, WHILE):
            if depth == MOST_DEPTH:
                raise self._error(call, f"Subgraphs call each other more than {depth} deep.")
            found = (self._if if op.code == IF else self._while)(op, call, depth)
            for source, target in zip(found, op.outputs, strict=True):
                self._require_alike(source, self.tensors[target], call)
                copy = Op(0, "RESHAPE", (source,), (target,), None)
                self._evaluate(copy)
                self.ops.append(copy)
            return
        self._evaluate(op)
        self.ops.append(op)

    def _while(self, op: Op, call: Op, depth: int) -> Sequence[int]:
        """The tensors with what the loop carries in the end."""
        condition, body = self._called(op, call)
        self._require_counts(op.inputs, op.outputs, condition, call, results=1)
        self._require_counts(op.inputs, op.outputs, body, call, results=len(op.outputs))
        carried: Sequence[int] = op.inputs
        for _ in range(MOST_TRIPS + 1):
            (again,) = self._inlined(condition, carried, call, depth)
            value = self._known.get(again)
            if value is None or self.tensors[again].dtype is not Element.BOOL:
                raise self._error(
                    call,
                    "WHILE runs as long as a condition holds that is not known before firmware "
                    "runs, expected a counter that begins with a constant.",
                    _STEPS,
                )
            if not value:
                return carried
            carried = self._inlined(body, carried, call, depth)
        raise self._error(call, f"WHILE runs more than {MOST_TRIPS} times.", _STEPS)

    def _if(self, op: Op, call: Op, depth: int) -> Sequence[int]:
        """The tensors with the outputs of the branch that is taken."""
        branches = self._called(op, call)
        chosen = op.inputs[0] if op.inputs else ABSENT
        value = self._known.get(chosen)
        if value is None or self.tensors[chosen].dtype is not Element.BOOL:
            raise self._error(
                call, "The condition of IF is not known before firmware runs.", _BRANCHES
            )
        for branch in branches:
            self._require_counts(op.inputs[1:], op.outputs, branch, call, len(op.outputs))
        return self._inlined(branches[0 if value else 1], op.inputs[1:], call, depth)

    def _called(self, op: Op, call: Op) -> tuple[int, int]:
        """The two subgraphs that an op may run: fields 0 and 1 of its options."""
        options = cast("FlatbufferTable | None", op.options)
        first, second = (0, 0) if options is None else (options.i32(0), options.i32(1))
        for number in (first, second):
            if number not in self._read:
                self._read[number] = self._plain(number, call)
        return first, second

    def _plain(self, number: int, call: Op) -> Graph:
        graph = self._subgraph(number)
        if graph is None:
            raise self._error(
                call,
                f"{call.code} calls subgraph {number}, expected another one than the main "
                "subgraph.",
            )
        stateful = next((op.code for op in graph.ops if op.code in _ALONE), None)
        if stateful is not None or graph.variables:
            raise self._error(
                call,
                f"{call.code} calls subgraph {number}, which has {stateful or 'variables'}; fwgen "
                "takes state in the main subgraph alone.",
                ("what is kept as inputs and outputs of the subgraph",),
            )
        return graph

    def _require_counts(
        self, inputs: Sequence[int], outputs: Sequence[int], number: int, call: Op, results: int
    ) -> None:
        """Require as many operands as the subgraph has; a loop gives as many as it takes."""
        graph = self._read[number]
        loops = call.code == WHILE and len(inputs) != len(outputs)
        if loops or (len(graph.inputs), len(graph.outputs)) != (len(inputs), results):
            raise self._error(
                call,
                f"Subgraph {number} has {len(graph.inputs)} inputs and {len(graph.outputs)} "
                f"outputs, expected {len(inputs)} and {results}.",
            )
        for index in (*inputs, *outputs):
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
        self._known.pop(output.index, None)
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
            )

    def _spend(self, count: int, call: Op) -> None:
        self._left -= count
        if self._left < 0:
            raise self._error(
                call, f"Ops have more than {MOST_OPERANDS:,} operands after unrolling.", _STEPS
            )

    def _error(self, call: Op, what: str, tries: tuple[str, ...] = ()) -> ModelError:
        return ModelError(what, at=f"{self._at}: op {call.index} {call.code}", tries=tries)


def _alike(one: Quant | None, other: Quant | None) -> bool:
    """Whether values mean the same; those of activations, which have one scale at most."""
    sizes = (len(part) for q in (one, other) if q for part in (q.scales, q.zero_points))
    return max(sizes, default=0) <= 1 and one == other
