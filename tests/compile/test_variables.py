"""Models with variables: what is kept from one inference to the next, in every order of ops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.passes import optimize
from fwgen.compile.request import Request
from fwgen.compile.schedule.order import orders
from fwgen.errors import ModelError
from fwgen.model.check import check
from fwgen.model.graph import Graph, Variable
from fwgen.model.reader import read_model
from fwgen.ops import operators, resolve
from fwgen.ops.parts.updates import with_updates
from fwgen.pipeline import compile_graph
from tests.compile.stepping import stepping, steps
from tests.tflite_models import ModelBuilder

HOST = load_board("host")
SHAPE = (1, 4, 5, 3)


def largest_so_far(initial: np.ndarray, copies: int) -> Graph:
    """A model of a variable that is the largest of all inputs so far, element by element.

    Its output is the smaller one of the last input and of the variable's old value; ``copies`` ops
    are between the variable and what reads it.
    """
    m = ModelBuilder()
    x, old, low, high, new = (m.tensor(SHAPE, scale=0.1) for _ in range(5))
    read = old
    for _ in range(copies):
        other = m.tensor(SHAPE, scale=0.1)
        m.op("RESHAPE", [read], [other])
        read = other
    m.op("MAXIMUM", [x, read], [high])
    m.op("MINIMUM", [read, x], [low])
    m.op("RESHAPE", [high], [new])
    graph = read_model(m.build([x, old], [low, new]), "largest")
    variables = (Variable(old.index, new.index, initial),)
    return replace(graph, inputs=graph.inputs[:1], outputs=graph.outputs[:1], variables=variables)


@pytest.mark.parametrize("copies", [0, 1])
@pytest.mark.parametrize("uniform", [True, False])
def test_firmware_keeps_and_resets_variables(copies: int, uniform: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(copies)
    initial = np.full(SHAPE, -77, np.int8)
    if not uniform:
        initial[:] = rng.integers(-128, 0, SHAPE)
    graph = resolve(largest_so_far(initial, copies))
    program = compile_graph(graph, Request(HOST))
    assert program.plan.state.bytes >= graph.state_bytes == 64
    inputs = rng.integers(-128, 128, (9, *SHAPE)).astype(np.int8)
    made = steps(program, stepping(program, tmp_path), [[x] for x in inputs], reset_at=5)
    kept = initial
    for step, (x, (output, state)) in enumerate(zip(inputs, made, strict=True)):
        kept = initial if step == 5 else kept
        assert output == np.minimum(x, kept).tobytes(), step
        kept = np.maximum(x, kept)
        assert list(state.values()) == [kept.tobytes()], step


@pytest.mark.parametrize("seed", range(20))
def test_no_order_reads_an_old_value_too_late(seed: int) -> None:
    """Many variables, each read by several ops, some of which make little of much."""
    rng = np.random.default_rng(seed)
    m, variables, results = ModelBuilder(), [], []
    x = m.tensor((1, 4), scale=0.1)
    for _ in range(4):
        shape = (1, int(rng.integers(2, 40)), 4)
        old, new, total = (m.tensor(shape, scale=0.1) for _ in range(3))
        variables.append(Variable(old.index, new.index, np.zeros(shape, np.int8)))
        m.op("ADD", [old, x], [total])
        axes = m.tensor((1,), "int32", data=[1])
        for _ in range(int(rng.integers(1, 4))):
            results.append(m.tensor((1, 4), scale=0.1))
            m.op("MEAN", [old, axes], [results[-1]], keep_dims=False)
        m.op("RESHAPE", [total], [new])
    while len(results) > 1:
        a, b = results.pop(int(rng.integers(len(results)))), results.pop()
        results.append(m.tensor((1, 4), scale=0.1))
        m.op("ADD", [a, b], [results[-1]])
    made = [t for t in m.made() if t.index in {v.after for v in variables} | {results[0].index}]
    graph = read_model(m.build(outputs=made), "many")
    graph = replace(
        graph,
        inputs=(x.index,),
        outputs=(results[0].index,),
        variables=tuple(variables),
    )
    found = orders(optimize(resolve(graph), strict=False))
    for ordered in found:
        check(ordered)
    late = replace(graph, ops=(*graph.ops[1:], graph.ops[0]))
    with pytest.raises(ModelError):
        check(late)


def test_variables_of_a_file_begin_with_their_zero_point() -> None:
    m = ModelBuilder()
    x, y, z = (m.tensor((1, 6), scale=0.1, zero_point=-5) for _ in range(3))
    kept = m.tensor((1, 6), scale=0.1, zero_point=-5, variable=True, data=np.arange(6))
    wide = m.tensor((1, 6), "int16", scale=0.1, variable=True)
    m.op("ADD", [x, kept], [y])
    m.op("RESHAPE", [wide], [m.tensor((6,), "int16", scale=0.1)])
    m.op("ADD", [y, kept], [z])
    graph = resolve(read_model(m.build(), "kept"))
    assert graph.inputs == (x.index,)
    first, second = graph.variables
    assert (first.before, second.before) == (kept.index, wide.index)
    assert np.array_equal(first.initial, np.full((1, 6), -5, np.int8))
    assert np.array_equal(second.initial, np.zeros((1, 6), np.int16))
    assert graph.tensors[kept.index].data is None  # TFLM does not read it


def updating() -> tuple[Graph, dict[str, object]]:
    m = ModelBuilder()
    x, y, z = (m.tensor((1, 6), scale=0.1) for _ in range(3))
    kept = m.tensor((1, 6), scale=0.1, variable=True)
    m.op("ADD", [x, kept], [y])
    m.op("MUL", [y, kept], [z])
    known = dict(operators())
    known["ADD"] = replace(known["ADD"], updates=(1,))
    return read_model(m.build(), "kept"), known


def test_an_updated_variable_is_an_output_that_later_ops_read() -> None:
    graph, known = updating()
    found, faults = with_updates(graph, known)
    assert not faults
    (variable,) = found.variables
    add, mul = found.ops
    assert variable.before in add.inputs and add.outputs == (*graph.ops[0].outputs, variable.after)
    assert mul.inputs == (add.outputs[0], variable.after)
    check(found)
    assert with_updates(found, known)[0] is found


def test_what_cannot_be_updated_is_refused() -> None:
    graph, known = updating()
    _, (fault,) = with_updates(replace(graph, variables=()), known)
    assert "does not say to be a variable" in fault.what and fault.op == 0
    known["MUL"] = replace(known["MUL"], updates=(1,))
    _, (fault,) = with_updates(graph, known)
    assert "that an op before this one updates, too" in fault.what and fault.op == 1
