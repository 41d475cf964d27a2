"""Every pass: it finds work in drawn models and then no more, and tensors stay as TFLM has them.

A pass is a public function of a module of ``fwgen.compile.passes`` that makes a graph of a graph;
it may ask whether to be ``strict``.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import get_type_hints

import numpy as np
import pytest

from fwgen.compile import passes
from fwgen.compile.passes import optimize
from fwgen.contract.node import Node
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.ops import operators, resolve
from tests.ops.tensors import assert_ops_as_tflm
from tests.tflite_models.dying_nets import dying_net
from tests.tflite_models.made_weights import model_with_made_weights
from tests.tflite_models.pass_models import pass_model
from tests.tflite_models.streams import random_stream

MODELS = 70
EXECUTED = 30

Pass = Callable[[Graph], Graph]


def registered() -> Iterator[tuple[str, Pass]]:
    """The passes by name; one that may be strict is there in both ways."""
    for found in pkgutil.iter_modules(passes.__path__):
        module = import_module(f"{passes.__name__}.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            takes = list(inspect.signature(function).parameters)
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if not own or get_type_hints(function).get("return") is not Graph:
                continue
            if takes == ["graph"]:
                yield name, function
            if takes == ["graph", "strict"]:
                yield f"{name} strictly", partial(function, strict=True)
                yield name, partial(function, strict=False)


PASSES = dict(registered())


@pytest.fixture(scope="module")
def drawn() -> list[tuple[bytes, Graph]]:
    """Models full of what passes join or drop, with dead channels, with weights made by ops, with
    variables."""
    models = [pass_model(seed) for seed in range(MODELS)]
    models += [dying_net(seed) for seed in range(MODELS)]
    models += [model_with_made_weights(np.random.default_rng(seed)) for seed in range(MODELS)]
    models += [random_stream(np.random.default_rng(seed)) for seed in range(MODELS)]
    return [(model, resolve(read_model(model, "m"))) for model in models]


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_finds_its_work_and_then_no_more(
    drawn: list[tuple[bytes, Graph]], name: str
) -> None:
    changed = []
    for model, graph in drawn:
        if PASSES[name] is not passes.PASSES[0]:
            graph = passes.PASSES[0](graph)  # constants, which all others rely on
        smaller = PASSES[name](graph)
        assert PASSES[name](smaller) is smaller
        assert (smaller.inputs, smaller.outputs) == (graph.inputs, graph.outputs)
        indices = [op.index for op in smaller.ops]
        assert len(set(indices)) == len(indices)
        assert set(indices) <= {op.index for op in graph.ops}
        for op in smaller.ops:
            operators()[op.code].examine(Node(smaller, op))
        if smaller is not graph:
            changed.append((model, (smaller,)))
    assert MODELS // 5 < len(changed) < len(drawn)
    # what variables go through is stepped through by the tests of slides and of sequences
    assert_ops_as_tflm([one for one in changed if not one[1][0].variables][:EXECUTED])


@pytest.mark.parametrize("strict", [False, True])
def test_every_tensor_of_optimized_models_is_as_tflm_has_it(
    drawn: list[tuple[bytes, Graph]], strict: bool
) -> None:
    first = passes.PASSES[0]
    some = [(m, graph) for m, graph in drawn[strict::2] if not graph.variables]
    made = [(m, (first(graph), optimize(graph, strict))) for m, graph in some]
    for _, (_, smaller) in made:
        for op in smaller.ops:
            operators()[op.code].examine(Node(smaller, op))
    assert_ops_as_tflm(made)
    before, after = (sum(len(graphs[i].ops) for _, graphs in made) for i in range(2))
    assert after < 0.8 * before


@pytest.mark.parametrize("name", [name for name in PASSES if not name.endswith("strictly")])
def test_optimized_models_have_work_for_no_pass(
    drawn: list[tuple[bytes, Graph]], name: str
) -> None:
    """So that ``optimize`` runs every pass, in an order that leaves none behind."""
    for _, graph in drawn:
        smaller = optimize(graph, strict=False)
        assert PASSES[name](smaller) is smaller
