"""Views: parts of tensors in the memory of others hold what they must, in every order of ops."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.lower.program import Program
from fwgen.compile.passes import optimize
from fwgen.compile.request import Request
from fwgen.compile.schedule.order import orders
from fwgen.compile.schedule.views import with_views
from fwgen.compile.select.choices import choices_of
from fwgen.contract.node import Node
from fwgen.model.graph import Graph
from fwgen.model.inputs import seeded_inputs
from fwgen.model.reader import read_model
from fwgen.ops import operators, resolve
from fwgen.pipeline import _straight, compile_graph
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder, Tensor
from tests.tflite_models.cases import cases_of
from tests.tflite_models.draw import Draw

HOST = load_board("host")
CUTS = ("SPLIT", "SPLIT_V", "UNPACK", "SLICE", "STRIDED_SLICE")
JOINS = ("CONCATENATION", "PACK")
OTHERS = ("RELU", "RESHAPE", "TRANSPOSE", "MAXIMUM", "ADD")
LEAST, MOST = 4, 1000


def cut_and_joined(seed: int) -> bytes:
    """A model of ops that cut and join, mostly along the first axis, and of some that compute."""
    d = Draw(np.random.default_rng(seed), tame=True)
    m = ModelBuilder()
    quant = {"scale": 0.1, "zero_point": 3}
    results = [m.tensor((4, 2, 8), **quant), m.tensor((4, 2, 8), **quant)]
    for _ in range(d.integer(4, 12)):
        large = [x for x in results if LEAST <= np.prod(x.shape) <= MOST and x.shape]
        x = large[-1] if d.chance(0.5) else d.pick(large)
        kind = d.integer(0, 3)
        if kind == 0 and x.shape[0] > 1:
            results += halves(m, d, x)
        elif kind == 1:
            results.append(joined(m, d, x, [t for t in large if t.shape == x.shape and t is not x]))
        elif len(x.shape) < 5:
            mark = m.mark()
            code = d.pick((*CUTS, *JOINS, *OTHERS))
            y = cases_of(code).append(m, d, x)
            if (y.scale, y.zero_point) == (x.scale, x.zero_point):
                results.append(y)
            else:
                m.undo(mark)
    return m.build()


def halves(m: ModelBuilder, d: Draw, x: Tensor) -> list[Tensor]:
    """The input's rows in two parts."""
    first = d.integer(1, x.shape[0] - 1)
    parts = [m.like(x, (n, *x.shape[1:])) for n in (first, x.shape[0] - first)]
    sizes = m.tensor((2,), "int32", data=[part.shape[0] for part in parts])
    m.op("SPLIT_V", [x, sizes, m.tensor((), "int32", data=0)], parts, num_splits=2)
    return parts


def joined(m: ModelBuilder, d: Draw, x: Tensor, others: list[Tensor]) -> Tensor:
    """The input and others one after the other, or beside each other."""
    parts = [x, *others[-2:]]
    if d.chance(0.5) and len(x.shape) < 4:
        y = m.like(x, (len(parts), *x.shape))
        m.op("PACK", parts, [y], values_count=len(parts), axis=0)
    else:
        y = m.like(x, (len(parts) * x.shape[0], *x.shape[1:]))
        m.op("CONCATENATION", parts, [y], axis=0)
    return y


Values = Mapping[int, np.ndarray]


def computed(graph: Graph, values: dict[int, np.ndarray]) -> Values:
    """All tensors of a graph, whatever memory they have, from the inputs."""
    for op in graph.ops:
        operands = [values[t] if t in values else graph.tensors[t].constant for t in op.inputs]
        made = operators()[op.code].evaluate(Node(graph, op), operands)
        values |= dict(zip(op.outputs, made, strict=True))
    return values


def assert_memory_holds(program: Program, right: Values) -> None:
    """Run the ops on the arena alone. What has a place must be there when an op is done, and what
    is an output at the end; an op that is said to move no data is not run."""
    graph, plan = program.graph, program.plan
    arena = np.full(plan.arena_bytes, 0xA5, np.uint8)

    def at(tensor: int) -> np.ndarray:
        begin = plan.offset_of[tensor]
        return arena[begin : begin + graph.tensors[tensor].bytes]

    def value(tensor: int) -> np.ndarray:
        one = graph.tensors[tensor]
        if one.data is not None:
            return one.data
        return np.frombuffer(at(tensor).tobytes(), one.dtype.numpy).reshape(one.shape)

    for t in graph.inputs:
        at(t)[:] = np.frombuffer(right[t].tobytes(), np.uint8)
    for op in graph.ops:
        if op.index not in plan.aliased:
            operands = [value(t) for t in op.inputs]
            made = operators()[op.code].evaluate(Node(graph, op), operands)
            for t, data in zip(op.outputs, made, strict=True):
                at(t)[:] = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
        for t in op.outputs:
            assert value(t).tobytes() == right[t].tobytes(), (op.index, op.code, t)
    for t in graph.outputs:
        assert value(t).tobytes() == right[t].tobytes(), f"output {t}"


def test_memory_of_views_holds_what_it_must() -> None:
    viewed, cut, put = 0, 0, 0
    for seed in range(150):
        graph = optimize(resolve(read_model(cut_and_joined(seed), "m")), strict=False)
        (inputs,) = seeded_inputs(graph, 1, seed)
        right = computed(graph, dict(zip(graph.inputs, inputs, strict=True)))
        for ordered in orders(graph):
            other = with_views(ordered)
            if not other.views:
                assert other is ordered
                continue
            program = _straight(choices_of(other, Request(HOST)), Request(HOST))
            assert_memory_holds(program, right)
            viewed += 1
            made = {t for op in other.ops if op.code in JOINS for t in op.outputs}
            put += any(view.within in made for t, view in other.views.items())
            cut += any(view.at for view in other.views.values())
    assert viewed > 60 and put > 20 and cut > 20


def test_views_are_taken_where_they_need_no_more_memory() -> None:
    taken = 0
    for seed in range(40):
        graph = resolve(read_model(cut_and_joined(seed), "m"))
        program = compile_graph(graph, Request(HOST))
        plain = [
            _straight(choices_of(each, Request(HOST)), Request(HOST)).plan.arena_bytes
            for each in orders(optimize(graph, strict=False))
        ]
        assert program.plan.arena_bytes <= min(plain)
        taken += bool(program.graph.views)
        moved = {step.index for step in program.steps if step.blocks}
        assert moved.isdisjoint(program.plan.aliased)
    assert taken > 5


@pytest.mark.parametrize("board", ["host", "corstone-300"])
def test_projects_with_views_compute_as_tflm_does(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    """The halves of rows go through ops of their own, and are joined again."""
    m = ModelBuilder()
    quant = {"scale": 0.1, "zero_point": 3}
    x = m.tensor((4, 4, 16), **quant)
    source = m.tensor(x.shape, **quant)
    m.op("RELU", [x], [source])
    first, second = (m.tensor((2, 4, 16), **quant) for _ in range(2))
    m.op("SPLIT", [m.tensor((), "int32", data=0), source], [first, second], num_splits=2)
    a, b = (m.tensor((2, 4, 16), **quant) for _ in range(2))
    m.op("RELU6", [first], [a])
    m.op("MAXIMUM", [second, first], [b])
    whole, y = (m.tensor((4, 4, 16), **quant) for _ in range(2))
    m.op("CONCATENATION", [b, a], [whole], axis=0)
    m.op("TRANSPOSE", [whole, m.tensor((3,), "int32", data=(1, 0, 2))], [m.like(y, (4, 4, 16))])
    (tmp_path / "m.tflite").write_bytes(m.build())
    out = tmp_path / "out"
    options = ("--sanitize",) if board == "host" else ()
    done = fwgen("build", tmp_path / "m.tflite", "-b", board, *options, "-o", out)
    assert done.returncode == 0, done.stderr
    source_c = (out / "src" / "model.c").read_text()
    assert source_c.count("moves no data") == 2 and "from byte 128 on" in source_c
    done = fwgen("verify", out, "--inputs", 4, "--every-op", "--json", tmp_path / "v.json")
    assert done.returncode == 0, done.stdout
    found = json.loads((tmp_path / "v.json").read_text())["op_outputs"]
    assert found["compared"] == found["ops"] == 6 and found["mismatches"] == 0
