"""Random graphs full of dead and constant channels: the outputs do not change."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.compile.macs import macs
from fwgen.compile.passes import optimize
from fwgen.compile.passes.dead_channels import drop_dead_channels
from fwgen.model.graph import Graph
from fwgen.source import read
from tests.conftest import REAL_MODELS
from tests.kernels import on_this_machine as kernels
from tests.ops.tensors import assert_ops_as_tflm
from tests.tflite_models import random_graph, random_inputs
from tests.tflite_models.dying_nets import Net
from tests.tflite_models.tflm import load, tflm

Array = np.ndarray


def outputs_of(graphs: list[Graph], inputs: list[list[list[Array]]]) -> list[list[bytes]]:
    cases = [(g, values) for g, runs in zip(graphs, inputs, strict=True) for values in runs]
    results = iter(kernels.run(cases))
    return [
        [next(results)[g.outputs[0]].tobytes() for _ in runs]
        for g, runs in zip(graphs, inputs, strict=True)
    ]


@pytest.mark.parametrize("strict", [False, True])
def test_outputs_of_random_nets_do_not_change(strict: bool) -> None:
    models, inputs = [], []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        models.append(Net(rng).build(int(rng.integers(2, 9))))
        inputs.append([random_inputs(models[-1], rng) for _ in range(4)])
    graphs = [load(model) for model in models]
    optimized = [drop_dead_channels(graph, strict) for graph in graphs]
    got = outputs_of(optimized, inputs)
    for model, runs, results in zip(models, inputs, got, strict=True):
        for values, result in zip(runs, results, strict=True):
            assert result == tflm(model, values).tobytes()
    shrunk = sum(a is not b for a, b in zip(graphs, optimized, strict=True))
    before = sum(sum(macs(g).values()) for g in graphs)
    after = sum(sum(macs(g).values()) for g in optimized)
    assert shrunk >= (20 if strict else 60), "the nets must be worth the test"
    assert after < before * (0.99 if strict else 0.8)


def test_what_is_left_of_every_tensor_is_right() -> None:
    """Also the one channel that is left where nothing depends on any, as in three of these."""
    made = []
    for seed in (*range(10), 21, 41, 52):
        rng = np.random.default_rng(seed)
        model = Net(rng).build(int(rng.integers(2, 9)))
        made.append((model, (drop_dead_channels(load(model), strict=False),)))
    assert_ops_as_tflm(made)


def test_strict_drops_no_weight_other_than_zero() -> None:
    for seed in range(60):
        graph = load(Net(np.random.default_rng(seed)).build(6))
        for strict in (True, False):
            kept = drop_dead_channels(graph, strict)
            lost = 0
            for old, new in zip(graph.ops, kept.ops, strict=True):
                if "CONV" in old.code or old.code == "FULLY_CONNECTED":
                    pair = (graph.input(old, 1).constant, kept.input(new, 1).constant)
                    lost += int(np.count_nonzero(pair[0]) - np.count_nonzero(pair[1]))
            assert lost >= 0 and (lost == 0 or not strict)


def test_graphs_with_nothing_dead_are_left_alone() -> None:
    for seed in range(40):
        graph = load(random_graph(np.random.default_rng(seed), ops=10))
        assert drop_dead_channels(graph, strict=True) is graph


def test_known_models() -> None:
    """The visual wake words model loses half of its MACs; the others have nothing to lose."""
    for path in REAL_MODELS:
        graph = read(path).graph
        left = sum(macs(optimize(graph, strict=False)).values())
        total = sum(macs(graph).values())
        assert left == (3_727_313 if path.stem == "vww_96_int8" else total)
