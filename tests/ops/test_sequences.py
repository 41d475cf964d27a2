"""Operators that keep a state, over many inferences: outputs as TFLM's, the state as NumPy's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest

from fwgen.contract.node import Node
from fwgen.model.element import agree
from fwgen.model.graph import Graph
from fwgen.ops import operators
from tests.kernels import on_this_machine as kernels
from tests.kernels.graph_builder import stateless
from tests.ops.drawn import CODES, Array, op_graph, types_of
from tests.tflite_models import random_inputs, random_op_model
from tests.tflite_models.liveliness import answers

KEEPING = tuple(code for code in CODES if operators()[code].updates)

MODELS, STEPS, LONG = 24, 6, 200


def test_there_are_operators_with_a_state() -> None:
    assert len(KEEPING) >= 2


@pytest.mark.parametrize("code", KEEPING)
def test_sequences(code: str) -> None:
    """Kernels, ``fold`` and TFLM step side by side, a model of each list of types for very long."""
    cases, wanted, changed, left = [], [], 0, {*operators()[code].types}
    for dtype, seed in product(types_of(code), range(MODELS)):
        rng = np.random.default_rng(1000 + seed)
        model = random_op_model(code, rng, dtype)
        graph = op_graph(model)
        found = Node(graph, graph.ops[0]).types
        first = {types for types in left if agree(types, found)}
        left -= first
        inputs = [random_inputs(model, rng) for _ in range(LONG if first else STEPS)]
        alone = stateless(graph)
        steps = zip(chained(graph, inputs), answers(model, inputs), strict=True)
        for number, ((values, made), right) in enumerate(steps):
            where = f"{dtype} seed {seed}, inference {number}"
            for index, output in zip(graph.outputs, right, strict=True):
                assert made[index].tobytes() == output.tobytes(), where
            cases.append((alone, values))
            wanted.append((where, made))
        changed += any((made[v.after] != v.initial).any() for v in graph.variables)
    assert changed > MODELS // 2 and not left
    for (alone, _), (where, made), got in zip(cases, wanted, kernels.run(cases), strict=True):
        for index in alone.outputs:
            assert got[index].tobytes() == made[index].tobytes(), where


def chained(
    graph: Graph, inputs: list[list[Array]]
) -> Iterator[tuple[list[Array], dict[int, Array]]]:
    """By inference: values of inputs and of the state before it; what ``fold`` makes of them."""
    (op,) = graph.ops
    node, operator = Node(graph, op), operators()[op.code]
    state = [variable.initial for variable in graph.variables]
    for values in inputs:
        given = [*values, *state]
        known = dict(zip(graph.given, given, strict=True))
        known |= {t.index: t.data for t in graph.tensors if t.data is not None}
        made = dict(
            zip(op.outputs, operator.evaluate(node, [known.get(t) for t in op.inputs]), strict=True)
        )
        yield given, made
        state = [made[variable.after] for variable in graph.variables]
