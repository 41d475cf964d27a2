"""Loops and branches whose conditions are known at build: they run as TFLM's, or are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.request import Request
from fwgen.errors import ModelError
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.model.unrolling import IF, MOST_DEPTH, MOST_TRIPS, WHILE
from fwgen.ops import resolve
from fwgen.pipeline import compile_graph
from tests.kernels import on_this_machine as kernels
from tests.tflite_models import ModelBuilder, Tensor, random_inputs
from tests.tflite_models.draw import Draw
from tests.tflite_models.liveliness import answers
from tests.tflite_models.loops import loop, number, random_calls

MODELS = 40


def graph_of(model: bytes) -> Graph:
    return resolve(read_model(model, "m"))


def assert_as_tflm(models: Sequence[bytes]) -> None:
    """Assert that reference kernels, under sanitizers, give TFLM's outputs of random inputs."""
    cases, wanted = [], []
    for seed, model in enumerate(models):
        inputs = random_inputs(model, np.random.default_rng(seed))
        cases.append((graph_of(model), inputs))
        wanted.append(answers(model, [inputs])[0])
    for (graph, _), tensors, right in zip(cases, kernels.run(cases), wanted, strict=True):
        assert not {op.code for op in graph.ops} & {IF, WHILE}
        for index, output in zip(graph.outputs, right, strict=True):
            assert tensors[index].tobytes() == output.tobytes()


def test_random_calls_are_as_tflm_runs_them() -> None:
    models = [random_calls(np.random.default_rng(seed)) for seed in range(MODELS)]
    graphs = [graph_of(model) for model in models]
    assert sum(len(graph.ops) > 30 for graph in graphs) > MODELS // 4
    assert_as_tflm(models)


@pytest.mark.parametrize("trips", [0, 1, MOST_TRIPS])
def test_trips(trips: int) -> None:
    assert_as_tflm([looping(trips)])


def looping(trips: int) -> bytes:
    m = ModelBuilder()
    x = m.tensor((1, 4), scale=0.05, zero_point=3)
    y, count = loop(m, Draw(np.random.default_rng(2)), m, x, depth=9, trips=trips)
    return m.build([x], [y, count])


def test_counters_need_no_firmware() -> None:
    """All that conditions are computed from is evaluated at build."""
    model = doubling(Doubling(count_out=False))
    program = compile_graph(graph_of(model), Request(load_board("host")))
    assert [op.code for op in program.graph.ops if op.code != "RESHAPE"] == ["ADD"] * 3
    ops = graph_of(model).ops
    assert [op.index for op in ops] == [*range(len(ops))]


@dataclass(frozen=True)
class Doubling:
    """A loop that doubles a value three times, and how it may differ from that."""

    first: int | None = 0
    end: int | None = 3
    step: int = 1
    variable: bool = False
    width: int = 4
    scale: float | None = 0.5
    dtype: str = "int32"
    condition: int = 1
    body: int = 2
    activation: str = "NONE"
    count_out: bool = True
    returned: int = 2


def doubling(a: Doubling) -> bytes:
    m = ModelBuilder()
    x, y = (m.tensor((1, 4), scale=0.5) for _ in range(2))
    i, count = number(m, a.first, a.dtype), number(m, dtype=a.dtype)
    _, c = m.subgraph()
    ci, cx, again = number(c, dtype=a.dtype), c.tensor((1, 4), scale=0.5), number(c, dtype="bool")
    c.op("LESS", [ci, ci if a.end is None else number(c, a.end, a.dtype)], [again])
    c.returns([ci, cx], [again])
    _, b = m.subgraph()
    bi, later = number(b, dtype=a.dtype), number(b, dtype=a.dtype)
    now, new = b.tensor((1, a.width), scale=a.scale), b.tensor((1, a.width), scale=a.scale)
    b.op(
        "ADD",
        [bi, number(b, a.step, a.dtype)],
        [later],
        fused_activation_function=a.activation,
    )
    b.op("ADD", [now, now], [new])
    if a.variable:
        b.tensor((1,), variable=True)
    b.returns([bi, now], [later, new][: a.returned])
    m.op("WHILE", [i, x], [count, y], cond_subgraph_index=a.condition, body_subgraph_index=a.body)
    given = [x, *([i] if a.first is None else [])]
    return m.build(given, [y, *([count] if a.count_out else [])])


def test_the_plain_loop() -> None:
    assert_as_tflm([doubling(Doubling()), doubling(Doubling(end=0)), doubling(Doubling(first=7))])


def chosen(condition: Tensor | None, m: ModelBuilder) -> bytes:
    x, y = (m.tensor((1, 4), scale=0.5) for _ in range(2))
    for code in ("RELU", "RELU6"):
        _, s = m.subgraph()
        given, made = (s.tensor((1, 4), scale=0.5) for _ in range(2))
        s.op(code, [given], [made])
        s.returns([given], [made])
    given = number(m, dtype="bool") if condition is None else condition
    m.op("IF", [given, x], [y], then_subgraph_index=1, else_subgraph_index=2)
    return m.build([x] if condition else [x, given], [y])


def with_condition(value: int) -> bytes:
    m = ModelBuilder()
    return chosen(number(m, value, "bool"), m)


def test_the_branch_that_is_taken() -> None:
    for value, code in ((1, "RELU"), (0, "RELU6")):
        assert [op.code for op in graph_of(with_condition(value)).ops] == [code, "RESHAPE"]
    assert_as_tflm([with_condition(0), with_condition(1)])


def with_state() -> bytes:
    """A loop whose body assigns a variable."""
    m = ModelBuilder()
    x, y = (m.tensor((1, 4), scale=0.5) for _ in range(2))
    _, c = m.subgraph()
    cx, again = c.tensor((1, 4), scale=0.5), number(c, 0, "bool")
    c.returns([cx], [again])
    _, b = m.subgraph()
    now = b.tensor((1, 4), scale=0.5)
    b.op("ASSIGN_VARIABLE", [b.variable("v"), now], [])
    b.returns([now], [now])
    m.op("WHILE", [x], [y], cond_subgraph_index=1, body_subgraph_index=2)
    return m.build([x], [y])


def within_itself() -> bytes:
    """A branch that ends in itself."""
    m = ModelBuilder()
    x, y = (m.tensor((1, 4), scale=0.5) for _ in range(2))
    index, s = m.subgraph()
    given, made = (s.tensor((1, 4), scale=0.5) for _ in range(2))
    calls = {"then_subgraph_index": index, "else_subgraph_index": index}
    s.op("IF", [number(s, 1, "bool"), given], [made], **calls)
    s.returns([given], [made])
    m.op("IF", [number(m, 1, "bool"), x], [y], **calls)
    return m.build([x], [y])


def many_within_each_other() -> bytes:
    """Loops of 64 steps, four deep."""
    m = ModelBuilder()
    x = m.tensor((1, 1), scale=0.5)
    callers = [m]
    for _ in range(4):
        callers.append(nested(m, callers[-1]))
    return m.build([x], [m.made()[0]])


def nested(m: ModelBuilder, outer: ModelBuilder) -> ModelBuilder:
    """A loop of 64 steps in a subgraph; its body, which has none yet."""
    condition, c = m.subgraph()
    ci, again = number(c), number(c, dtype="bool")
    c.op("LESS", [ci, number(c, MOST_TRIPS)], [again])
    c.returns([ci], [again])
    index, b = m.subgraph()
    i, later = number(b), number(b)
    b.op("ADD", [i, number(b, 1)], [later])
    b.returns([i], [later])
    calls = {"cond_subgraph_index": condition, "body_subgraph_index": index}
    outer.op("WHILE", [number(outer, 0)], [number(outer)], **calls)
    return b


REFUSED = {
    "not known before firmware runs, expected a counter": doubling(Doubling(first=None)),
    f"more than {MOST_TRIPS} times": doubling(Doubling(end=MOST_TRIPS + 1)),
    f"WHILE runs more than {MOST_TRIPS}": doubling(Doubling(step=0)),
    "expected a counter that begins": doubling(Doubling(dtype="float32")),
    "before firmware runs, expected": doubling(Doubling(activation="RELU")),
    "another shape": doubling(Doubling(width=5)),
    "element type or quantization": doubling(Doubling(scale=0.25)),
    "quantization": doubling(Doubling(scale=None)),
    "which has variables": doubling(Doubling(variable=True)),
    "which has VAR_HANDLE": with_state(),
    "calls subgraph 0": doubling(Doubling(condition=0)),
    "calls subgraph 3": doubling(Doubling(body=3)),
    "calls subgraph -1": doubling(Doubling(body=-1)),
    "has 2 inputs and 1 outputs, expected 2 and 2": doubling(Doubling(returned=1)),
    "has 2 inputs and 2 outputs, expected 2 and 1": doubling(Doubling(condition=2)),
    "condition of IF is not known": chosen(None, ModelBuilder()),
    f"more than {MOST_DEPTH} deep": within_itself(),
    "operands after unrolling": many_within_each_other(),
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused_with_a_sentence(words: str) -> None:
    with pytest.raises(ModelError) as refused:
        read_model(REFUSED[words], "m")
    assert words in refused.value.what and refused.value.what.endswith(".")
    assert refused.value.at is not None and refused.value.at.startswith("m: op 0 ")


def test_counters_wrap_as_integers_of_32_bits_do() -> None:
    most = (1 << 31) - 1
    assert_as_tflm([doubling(Doubling(first=most - 2, end=most, step=1))])
    with pytest.raises(ModelError, match="more than"):
        read_model(doubling(Doubling(first=most - 2, end=most, step=3)), "m")
