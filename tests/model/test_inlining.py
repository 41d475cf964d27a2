"""Loops and branches become ops of the main graph, or are refused: all that they run where that is
known at build, or else ops that decide when firmware runs. What these compute:
``tests/end_to_end/test_decisions.py``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.request import Request
from fwgen.errors import ModelError
from fwgen.model.control import CONTROL, spans
from fwgen.model.graph import Graph
from fwgen.model.inlining import MOST_DEPTH, MOST_STEPS, MOST_UNROLLED_OPS
from fwgen.model.reader import read_model
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
        for index, output in zip(graph.outputs, right, strict=True):
            assert tensors[index].tobytes() == output.tobytes()


def test_random_calls_are_as_tflm_runs_them() -> None:
    models = [random_calls(np.random.default_rng(seed)) for seed in range(MODELS)]
    graphs = [graph_of(model) for model in models]
    assert sum(len(graph.ops) > 30 for graph in graphs) > MODELS // 4
    unrolled = [m for m, g in zip(models, graphs, strict=True) if codes(g).isdisjoint(CONTROL)]
    assert len(unrolled) > MODELS * 3 // 4
    assert_as_tflm(unrolled)


def codes(graph: Graph) -> set[str]:
    return {op.code for op in graph.ops}


@pytest.mark.parametrize("trips", [0, 1, MOST_STEPS])
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


def in_order(graph: Graph) -> list[str]:
    """The operators of a graph, less copies."""
    return [op.code for op in graph.ops if op.code != "RESHAPE"]


LOOP = ["WHILE", "LESS", "DO", "ADD", "ADD", "END_WHILE"]


def test_loops_of_many_or_unknown_steps_have_their_ops_once() -> None:
    for form in (
        Doubling(first=None),
        Doubling(end=MOST_STEPS + 1),
        Doubling(step=0),  # it never ends, which firmware finds
        Doubling(activation="RELU"),
    ):
        assert in_order(graph_of(doubling(form))) == LOOP
    assert codes(graph_of(doubling(Doubling(end=MOST_STEPS)))).isdisjoint(CONTROL)


def test_loops_within_each_other_are_not_all_unrolled() -> None:
    """Those within are, as far as they come to few ops: the others have theirs once."""
    graph = graph_of(many_within_each_other())
    assert 1 <= sum(op.code == "WHILE" for op in graph.ops) <= 4
    assert len(graph.ops) < 2 * MOST_UNROLLED_OPS
    assert all(span.loops for span in spans([op.code for op in graph.ops]))


def test_a_condition_that_is_not_known_chooses_when_firmware_runs() -> None:
    graph = graph_of(chosen(None, ModelBuilder()))
    assert in_order(graph) == ["IF", "RELU", "ELSE", "RELU6", "END_IF"]
    (span,) = spans([op.code for op in graph.ops])
    assert (span.first, span.middle, span.last, span.loops) == (0, 2, 4, False)
    (x,), (y,) = graph.ops[2].outputs, graph.ops[4].outputs
    assert graph.views[x].within == y == graph.outputs[0]


def test_what_a_loop_carries_keeps_its_place() -> None:
    graph = graph_of(doubling(Doubling(first=None)))
    begin, end = (next(op for op in graph.ops if op.code == c) for c in ("WHILE", "END_WHILE"))
    assert [graph.views[t].within for t in begin.outputs] == [*end.outputs]


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


def assigning(condition: bool) -> bytes:
    """A loop whose condition or body assigns a variable."""
    m = ModelBuilder()
    x, y = (m.tensor((1, 4), scale=0.5) for _ in range(2))
    i, count = number(m), number(m)
    _, c = m.subgraph()
    ci, cx, again = number(c), c.tensor((1, 4), scale=0.5), number(c, dtype="bool")
    c.op("LESS", [ci, number(c, 3)], [again])
    _, b = m.subgraph()
    bi, bx, later = number(b), b.tensor((1, 4), scale=0.5), number(b)
    b.op("ADD", [bi, number(b, 1)], [later])
    s, value = (c, cx) if condition else (b, bx)
    s.op("ASSIGN_VARIABLE", [s.variable("v"), value], [])
    c.returns([ci, cx], [again])
    b.returns([bi, bx], [later, bx])
    m.op("WHILE", [i, x], [count, y], cond_subgraph_index=1, body_subgraph_index=2)
    return m.build([x, i], [y, count])


def test_a_variable_that_a_body_assigns_is_one_more_value_that_the_loop_carries() -> None:
    graph = graph_of(assigning(condition=False))
    assert in_order(graph) == [
        *("WHILE", "LESS", "DO", "ADD", "ASSIGN_VARIABLE", "END_WHILE", "ASSIGN_VARIABLE")
    ]
    (variable,) = graph.variables
    begin, last = graph.ops[0], graph.ops[-1]
    assert begin.inputs[-1] == variable.before
    assert last.outputs == (variable.after,)
    assert graph.views[begin.outputs[-1]].within == last.inputs[0]


def once_within() -> bytes:
    """A branch that calls a subgraph once."""
    m = ModelBuilder()
    x, y = (m.tensor((1, 4), scale=0.5) for _ in range(2))
    for _ in range(2):
        _, s = m.subgraph()
        given = s.tensor((1, 4), scale=0.5)
        s.op("CALL_ONCE", [], [], init_subgraph_index=3)
        s.returns([given], [given])
    given = number(m, dtype="bool")
    m.op("IF", [given, x], [y], then_subgraph_index=1, else_subgraph_index=2)
    return m.build([x, given], [y])


def without_inputs() -> bytes:
    m = ModelBuilder()
    x, y = (m.tensor((1, 4), scale=0.5) for _ in range(2))
    for results in ([], None):
        _, s = m.subgraph()
        s.returns([], [number(s, 1, "bool")] if results is None else [])
    m.op("WHILE", [], [], cond_subgraph_index=2, body_subgraph_index=1)
    m.op("RELU", [x], [y])
    return m.build([x], [y])


def calling_each_other() -> bytes:
    """Five subgraphs, each of which calls the next one sixteen times, on conditions."""
    m = ModelBuilder()
    x, holds = m.tensor((1, 4), scale=0.5), number(m, dtype="bool")
    caller, given = m, [holds, x]
    for depth in range(5):
        index, s = m.subgraph()
        inside = [number(s, dtype="bool"), s.tensor((1, 4), scale=0.5)]
        y = given[1]
        for _ in range(8 if depth else 1):
            made = caller.tensor((1, 4), scale=0.5)
            calls = {"then_subgraph_index": index, "else_subgraph_index": index}
            caller.op("IF", [given[0], given[0], y], [made], **calls)
            y = made
        if caller is not m:
            caller.returns(given, [y])
        caller, given = s, inside
    caller.returns(given, [given[1]])
    return m.build([x, holds], [m.made()[0]])


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
    c.op("LESS", [ci, number(c, MOST_STEPS)], [again])
    c.returns([ci], [again])
    index, b = m.subgraph()
    i, later = number(b), number(b)
    b.op("ADD", [i, number(b, 1)], [later])
    b.returns([i], [later])
    calls = {"cond_subgraph_index": condition, "body_subgraph_index": index}
    outer.op("WHILE", [number(outer, 0)], [number(outer)], **calls)
    return b


def with_condition_of(dtype: str) -> bytes:
    m = ModelBuilder()
    return chosen(number(m, 1, dtype), m)


REFUSED = {
    "another shape": doubling(Doubling(width=5)),
    "element type or quantization": doubling(Doubling(scale=0.25)),
    "quantization": doubling(Doubling(scale=None)),
    "which has variable tensors": doubling(Doubling(variable=True)),
    "which has CALL_ONCE": once_within(),
    "calls subgraph 0": doubling(Doubling(condition=0)),
    "calls subgraph 3": doubling(Doubling(body=3)),
    "calls subgraph -1": doubling(Doubling(body=-1)),
    "has 2 inputs and 1 outputs, expected 2 and 2": doubling(Doubling(returned=1)),
    "has 2 inputs and 2 outputs, expected 2 and 1": doubling(Doubling(condition=2)),
    "condition of IF is int32 of shape [], expected one bool": with_condition_of("int32"),
    "WHILE has no inputs": without_inputs(),
    "The condition of WHILE assigns a variable": assigning(condition=True),
    f"more than {MOST_DEPTH} deep": within_itself(),
    "operands after inlining": calling_each_other(),
}


@pytest.mark.parametrize("words", REFUSED)
def test_refused_with_a_sentence(words: str) -> None:
    with pytest.raises(ModelError) as refused:
        read_model(REFUSED[words], "m")
    assert words in refused.value.what and refused.value.what.endswith(".")
    assert refused.value.at is not None and refused.value.at.startswith("m: op 0 ")


def test_a_list_of_steps_that_grows_is_told_to_be_unrolled() -> None:
    with pytest.raises(ModelError) as refused:
        read_model(REFUSED["another shape"], "m")
    assert "unroll=True" in " ".join(refused.value.tries)


def test_counters_wrap_as_integers_of_32_bits_do() -> None:
    most = (1 << 31) - 1
    assert_as_tflm([doubling(Doubling(first=most - 2, end=most, step=1))])
    assert in_order(graph_of(doubling(Doubling(first=most - 2, end=most, step=3)))) == LOOP
