"""The search for orders of ops against every order there is, and what it saves."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.compile.passes import optimize
from fwgen.compile.plan import plan
from fwgen.compile.request import Request
from fwgen.compile.schedule.lifetimes import lifetimes
from fwgen.compile.schedule.order import orders, peak_bytes
from fwgen.model.element import Element
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.pipeline import compile_graph
from fwgen.source import read
from tests.compile.kernel_selection import select
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder
from tests.tflite_models import Tensor as TensorOfModel
from tests.tflite_models import random_graph as random_model
from tests.tflite_models.tflm import load


def random_graph(rng: random.Random, count: int, reach: int = 99) -> Graph:
    """Ops of one to three inputs, some of them aliases, one of several outputs now and then."""
    tensors: list[Tensor] = []

    def tensor(size: int) -> int:
        tensors.append(Tensor(len(tensors), "", (size,), Element.S8, None, None, len(tensors)))
        return len(tensors) - 1

    inputs = [tensor(16 * rng.randint(1, 9)) for _ in range(rng.choice((1, 1, 2, 3)))]
    known, ops = list(inputs), []
    for index in range(count):
        sources = tuple(rng.choice(known[-reach:]) for _ in range(rng.randint(1, 3)))
        if rng.random() < 0.2:
            ops.append(
                Op(index, "RESHAPE", sources[:1], (tensor(tensors[sources[0]].bytes),), None)
            )
        else:
            made = tuple(tensor(rng.randint(1, 150)) for _ in range(rng.choice((1, 1, 1, 2))))
            ops.append(Op(index, "CONCATENATION", sources, made, None))
        known.extend(ops[-1].outputs)
    outputs = {ops[-1].outputs[0], *(t for t in known[len(inputs) :] if rng.random() < 0.1)}
    return Graph("random", "", tuple(tensors), tuple(ops), tuple(inputs), tuple(sorted(outputs)))


def every_order(graph: Graph) -> Iterator[tuple[Op, ...]]:
    def grow(
        done: tuple[Op, ...], left: Sequence[Op], there: frozenset[int]
    ) -> Iterator[tuple[Op, ...]]:
        if not left:
            yield done
        for op in left:
            if there.issuperset(op.inputs):
                rest = [other for other in left if other is not op]
                yield from grow((*done, op), rest, there.union(op.outputs))

    return grow((), graph.ops, frozenset(graph.inputs))


def measured(graph: Graph, ops: Sequence[Op], in_place: bool) -> int:
    """The peak of an order, moment by moment, by what is read later."""
    memory_of = {t: t for t in range(len(graph.tensors))}
    for op in graph.ops:
        if op.code == "RESHAPE":
            memory_of[op.outputs[0]] = memory_of[op.inputs[0]]
    size = {t: -(-tensor.bytes // 16) * 16 for t, tensor in enumerate(graph.tensors)}
    here, highest = {memory_of[t] for t in graph.inputs}, 0
    for position, op in enumerate(ops):
        later = {memory_of[t] for other in ops[position + 1 :] for t in other.inputs}
        later |= {memory_of[t] for t in graph.outputs}
        new = {memory_of[t] for t in op.outputs} - here
        during = sum(size[t] for t in here | new)
        dying = [size[memory_of[t]] for t in op.inputs if memory_of[t] not in later]
        if in_place:
            during -= min(sum(size[t] for t in new), max(dying, default=0))
        highest = max(highest, during)
        here = (here | new) & later
    return highest


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_small_graphs_get_an_order_of_the_lowest_peak(seed: int, in_place: bool) -> None:
    rng = random.Random(seed)
    improved = 0
    for _ in range(200):
        graph = random_graph(rng, rng.randint(2, 7))
        own = measured(graph, graph.ops, in_place)
        assert peak_bytes(graph, in_place) == own
        found = orders(graph)
        assert found[0] is graph
        best = min(measured(graph, ops, in_place) for ops in every_order(graph))
        assert min(measured(graph, other.ops, in_place) for other in found) == best
        improved += best < own
        if best == own and len(found) == 1:
            assert found == (graph,)
    assert improved > 20


def test_peaks_are_what_lifetimes_say() -> None:
    rng = random.Random(8)
    for _ in range(50):
        graph = random_graph(rng, 12)
        for ordered in orders(graph):
            assert sorted(op.index for op in ordered.ops) == list(range(12))
            lives = lifetimes(ordered)
            live = [
                sum(-(-life.bytes // 16) * 16 for life in lives if life.first <= p < life.last)
                for p in range(len(graph.ops))
            ]
            assert max(live) == peak_bytes(ordered)


@pytest.mark.parametrize("reach", [10, 100, 2000])
def test_two_thousand_ops_in_bounded_time(reach: int) -> None:
    graph = random_graph(random.Random(3), 2000, reach)
    began = time.process_time()
    found = orders(graph)
    assert time.process_time() - began < 20
    assert min(map(peak_bytes, found)) < peak_bytes(graph)


def test_a_chain_keeps_its_order() -> None:
    graph = random_graph(random.Random(1), 50, reach=1)
    assert orders(graph) == (graph,)


def branches() -> bytes:
    """Four branches, each from much to little: the model makes all that is much first."""
    m = ModelBuilder()
    rng = np.random.default_rng(4)
    window = {"padding": "SAME", "stride_h": 1, "stride_w": 1}

    def convolved(x: TensorOfModel, channels: int) -> TensorOfModel:
        shape = (channels, 1, 1, x.shape[-1])
        w = m.tensor(shape, scale=0.01, data=rng.integers(-99, 100, shape))
        y = m.tensor((*x.shape[:-1], channels), scale=0.1, zero_point=-5)
        m.op("CONV_2D", [x, w], [y], **window)
        return y

    x = m.tensor((1, 8, 8, 4), scale=0.1, zero_point=3)
    wide = [convolved(x, 32) for _ in range(4)]
    narrow = [convolved(y, 4) for y in wide]
    joined = m.tensor((1, 8, 8, 16), scale=0.1, zero_point=-5)
    m.op("CONCATENATION", narrow, [joined], axis=3)
    return m.build(inputs=[x], outputs=[joined])


def test_branches_are_computed_one_by_one(fwgen: Fwgen, tmp_path: Path) -> None:
    """Less arena, the same bytes as the oracle's, and op numbers that are the model's."""
    model, out = tmp_path / "m.tflite", tmp_path / "out"
    model.write_bytes(branches())
    done = fwgen("build", model, "-b", "corstone-300", "-o", out)
    assert done.returncode == 0, done.stderr
    assert "B less than in the model's order" in done.stderr
    data = json.loads((out / "fwgen.json").read_text())
    assert [op["index"] for op in data["ops"]] == [0, 4, 1, 5, 2, 6, 3, 7, 8]
    graph = read(model).graph
    own = plan(graph, select(graph, load_board("corstone-300")))
    assert data["memory"]["arena_bytes"] < own.arena_bytes / 2
    done = fwgen("verify", out, "--inputs", 8)
    assert done.returncode == 0, done.stdout
    done = fwgen("run", out)
    assert [line.split()[0] for line in done.stdout.splitlines()[1:4]] == ["0", "4", "1"]


@pytest.mark.parametrize("seed", range(4))
def test_no_order_makes_an_arena_larger(seed: int) -> None:
    graph = optimize(load(random_model(np.random.default_rng(seed), 12)), strict=False)
    board = load_board("mps2-an386")
    own = plan(graph, select(graph, board))
    assert compile_graph(graph, Request(board)).plan.arena_bytes <= own.arena_bytes
