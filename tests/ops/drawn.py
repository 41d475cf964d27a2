"""Drawn models of one op, and what the kernels, TFLM and ``fold`` make of them."""

from __future__ import annotations

import faulthandler
import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import tflite

from fwgen.contract.channels import Reach
from fwgen.contract.node import Node
from fwgen.contract.operator import fields_of
from fwgen.errors import ModelError
from fwgen.model.graph import ABSENT, Graph
from fwgen.model.reader import read_model
from fwgen.ops import examined, operators, require_none
from fwgen.ops.parts.constant_ops import Folding
from fwgen.ops.parts.updates import with_updates
from tests.kernels import on_this_machine as kernels
from tests.kernels.graph_builder import stateless
from tests.tflite_models import ModelBuilder, Tensor, random_inputs, random_op_model
from tests.tflite_models.cases import Quantized, Run, cases_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.liveliness import answers

CODES = tuple(name for name, operator in operators().items() if operator.code is not None)
"""The operators that a file can have; the others are made by passes or by a compiler for an NPU."""

UNFED = ("float16", "uint16")
"""Element types that the Python package of TFLM neither takes nor gives."""

MOST_STEPS = 1e9
"""By which a float may exceed the scale that quantizes it: beyond 32 bits TFLM's is undefined."""

Array = np.ndarray


def op_graph(model: bytes) -> Graph:
    """A model of one op as the later stages get it.

    Only the op is checked: fwgen refuses some models as a whole, such as those all in float.
    """
    graph = read_model(model, "m")
    resolved, faults = examined(graph)
    require_none(graph, faults)
    return resolved


def accepted(model: bytes) -> bool:
    """Whether ``check`` of the op refuses nothing."""
    try:
        op_graph(model)
    except ModelError:
        return False
    return True


def types_of(code: str) -> tuple[str, ...]:
    """The element types that the operator states for what it moves or computes with, and that TFLM
    is fed."""
    found = [types[cases_of(code).place] for types in operators()[code].types]
    words = [one.word for one in found if one is not None]
    return tuple(word for word in dict.fromkeys(words) if word not in UNFED)


def inputs_of(model: bytes, rng: np.random.Generator) -> list[Array]:
    """Random inputs that TFLM takes; floats whose quotient by every scale fits 32 bits."""
    graph = tflite.Model.GetRootAs(model).Subgraphs(0)
    quants = [graph.Tensors(i).Quantization() for i in range(graph.TensorsLength())]
    scales = [q.Scale(0) for q in quants if q is not None and q.ScaleLength()]
    bound = min(scales, default=1.0) * MOST_STEPS
    inputs = [
        np.clip(x, -bound, bound).astype(x.dtype) if x.dtype.kind == "f" else x
        for x in random_inputs(model, rng)
    ]
    return mended(model, inputs)


def mended(model: bytes, inputs: Sequence[Array]) -> list[Array]:
    """Values for the inputs of a model of one op as ``Cases.mend`` of the op has them."""
    root = tflite.Model.GetRootAs(model)
    graph, code = root.Subgraphs(0), root.OperatorCodes(0)
    names = {number: name for name, number in vars(tflite.BuiltinOperator).items()}
    mend = cases_of(names[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]).mend
    op, found = graph.Operators(0), []
    for number, values in enumerate(inputs):
        index = graph.Inputs(number)
        quant = graph.Tensors(index).Quantization()
        zero_point = quant.ZeroPoint(0) if quant is not None and quant.ZeroPointLength() else 0
        for place in range(op.InputsLength()):
            if op.Inputs(place) == index:
                values = mend(place, zero_point, values)
        found.append(values)
    return found


def drawn(code: str, dtype: str | None, seeds: Iterable[int]) -> Iterator[Run]:
    """Random models of an operator with inputs; ``dtype`` is that of what it is appended to."""
    for seed in seeds:
        rng = np.random.default_rng(seed)
        model = random_op_model(code, rng, dtype)
        yield model, inputs_of(model, rng)


def tflm_output(run: Run) -> Array:
    """TFLM's output of a model of one op, the first one."""
    return _tflm_answer(run)[0]


def _tflm_answer(run: Run) -> list[Array]:
    model, inputs = run
    return answers(model, [inputs])[0]


@dataclass(frozen=True)
class Outcome:
    """What a run gives: the graph, TFLM's outputs and those of the reference kernels."""

    graph: Graph
    inputs: Sequence[Array]
    expected: Sequence[Array]
    got: Sequence[Array]

    @property
    def where(self) -> str:
        """The op and the first places at which the kernels give something else than TFLM."""
        shapes = [(t.shape, t.dtype.word, t.quant) for t in self.graph.tensors]
        pairs = zip(self.got, self.expected, strict=True)
        places = [np.argwhere(got != expected)[:5].tolist() for got, expected in pairs]
        return f"{self.graph.ops[0]} of {shapes} differs at {places}"


def outcomes(
    runs: Sequence[Run], expected: Sequence[Sequence[Array]] | None = None
) -> list[Outcome]:
    """The runs by the reference kernels, under sanitizers, beside TFLM's or the given outputs.

    Variables have their initial values; ``test_sequences`` tries others.
    """
    assert runs
    graphs = {id(model): op_graph(model) for model, _ in runs}
    cases = [
        (stateless(graph := graphs[id(model)]), [*inputs, *(v.initial for v in graph.variables)])
        for model, inputs in runs
    ]
    right = map(_tflm_answer, runs) if expected is None else expected
    return [
        Outcome(*case, wanted, [tensors[t] for t in graphs[id(model)].outputs])
        for (model, _), case, tensors, wanted in zip(
            runs, cases, kernels.run(cases), right, strict=True
        )
    ]


def assert_exact(found: Sequence[Outcome]) -> None:
    """Assert that the kernels and ``fold``, where there is one, give the expected bytes, which are
    within the reach that the operator states."""
    for one in found:
        folded = folded_outputs(one.graph, one.inputs)
        for k, (got, expected) in enumerate(zip(one.got, one.expected, strict=True)):
            assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
            assert got.tobytes() == expected.tobytes(), one.where
            if folded is not None:
                assert folded[k].dtype == expected.dtype
                assert folded[k].tobytes() == expected.tobytes(), f"fold of {one.graph.ops[0]}"
        assert_within_reach(one)


def assert_within_reach(one: Outcome) -> None:
    """Assert that channels hold no more than the channel rule makes of the inputs' channels."""
    (op,) = one.graph.ops
    node = Node(one.graph, op)
    rule = operators()[op.code].channels(node)
    if rule is None:
        return
    given = dict(zip(one.graph.inputs, one.inputs, strict=True))
    reach = rule.reach(node, [reach_of(given[t]) for t in op.inputs if t in given])
    (expected,) = one.expected
    got = reach_of(expected)
    assert (got.low >= reach.low).all() and (got.high <= reach.high).all(), one.where


def reach_of(values: Array) -> Reach:
    """Least and greatest value of each channel."""
    flat = values.reshape(-1, values.shape[-1] if values.ndim else 1).astype(np.int64)
    return Reach(flat.min(axis=0), flat.max(axis=0))


def folded_outputs(graph: Graph, inputs: Sequence[Array]) -> list[Array] | None:
    """What the op gives way to at build if its inputs are constants; None without ``fold``."""
    (op,) = graph.ops
    if ABSENT in op.inputs:
        return None
    tensors = list(graph.tensors)
    for index, data in zip(graph.inputs, inputs, strict=True):
        tensors[index] = replace(tensors[index], data=data)
    folding = Folding(replace(graph, tensors=tuple(tensors), outputs=()))
    folding.fold(op, operators()[op.code])
    made = [data for t in graph.outputs if (data := folding.graph.tensors[t].data) is not None]
    assert len(made) == (0 if operators()[op.code].fold is None else len(graph.outputs))
    return made or None


def refusal(graph: Graph) -> ModelError | None:
    """What ``examine`` says of the one op of a graph as read, or else its update of variables."""
    graph, doubts = with_updates(graph, operators())
    (op,) = graph.ops
    operator = operators()[op.code]
    options = operator.options(fields_of(op))
    op = replace(op, options=options)
    try:
        for doubt in doubts:
            raise ModelError(doubt.what, at=doubt.at)
        operator.examine(Node(replace(graph, ops=(op,)), op))
    except ModelError as error:
        return error
    return None


def tflm_outputs(runs: Sequence[Run]) -> list[list[Array] | None]:
    """TFLM's outputs of each run, None where it refuses the model or does not survive it.

    It works in child processes, one more for each run that ends one.
    """
    found: list[list[Array] | None] = []
    while len(found) < len(runs):
        found += _until_death(runs[len(found) :])
    return found


def _until_death(runs: Sequence[Run]) -> list[list[Array] | None]:
    """The outputs of the first runs, up to the first one that TFLM does not survive."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        faulthandler.disable()  # an abort is an answer here
        os.close(read)
        with os.fdopen(write, "wb") as pipe:
            for run in runs:
                try:
                    outputs = _tflm_answer(run)
                except Exception:
                    outputs = None
                pickle.dump(outputs, pipe)
                pipe.flush()
        os._exit(0)
    os.close(write)
    found: list[list[Array] | None] = []
    with os.fdopen(read, "rb") as pipe:
        while len(found) < len(runs):
            try:
                found.append(pickle.load(pipe))
            except EOFError:
                found.append(None)
                break
    os.waitpid(child, 0)
    return found


@dataclass(frozen=True)
class Operand:
    """An operand of a model in which all values are tried."""

    values: Array
    quantized: Quantized

    def add(self, m: ModelBuilder) -> Tensor:
        scale, zero_point = self.quantized
        shape, dtype = self.values.shape, self.values.dtype.name
        return m.tensor(shape, dtype, scale=scale, zero_point=zero_point)


def with_scales(code: str, seed: int, operands: Sequence[Operand], y: Quantized) -> Run | None:
    """A random op on one or two operands whose output has the scale and zero point ``y``.

    Where ``check`` refuses both it has one of them, or those that are drawn; None if it refuses
    these, too.
    """
    append = cases_of(code).append if len(operands) == 1 else cases_of(code).combine
    assert append is not None, f"{code} has no cases for a given pair of operands"
    for scale, zero_point in (y, (y[0], None), (None, y[1]), (None, None)):
        m = ModelBuilder()
        made = append(m, Draw(np.random.default_rng(seed)), *(each.add(m) for each in operands))
        if made.scale:
            point = made.zero_point if zero_point is None else zero_point
            m.requantize(made, made.scale if scale is None else scale, point)
        model = m.build()
        if accepted(model):
            return model, mended(model, [each.values for each in operands])
    return None
