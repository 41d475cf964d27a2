"""Compares every tensor between the ops of a graph, whatever passes left of them, with TFLM's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tflite_micro import runtime

from fwgen.model.graph import Graph
from tests.kernels import on_this_machine as kernels
from tests.tflite_models import random_inputs

RUNS = 2


def all_tensors(model: bytes) -> runtime.Interpreter:
    """TFLM with the model loaded so that it keeps every tensor."""
    config = runtime.InterpreterConfig.kPreserveAllTensors
    return runtime.Interpreter.from_bytes(model, arena_size=4 << 20, intrepreter_config=config)


def assert_ops_as_tflm(made: Sequence[tuple[bytes, Sequence[Graph]]]) -> None:
    """Assert that all ops of the graphs made of each model write what TFLM has there."""
    if not made:
        return
    rng = np.random.default_rng(1)
    runs = [(m, gs, random_inputs(m, rng)) for m, gs in made for _ in range(RUNS)]
    results = iter(kernels.run([(g, inputs) for _, graphs, inputs in runs for g in graphs]))
    oracles = {id(model): all_tensors(model) for model, _ in made}
    for model, graphs, inputs in runs:
        oracle = oracles[id(model)]
        for index, array in enumerate(inputs):
            oracle.set_input(array, index)
        oracle.invoke()
        for graph in graphs:
            tensors = next(results)
            for y in (graph.tensors[t] for op in graph.ops for t in op.outputs):
                expected = oracle.GetTensor(y.source, 0)["tensor_data"]
                if y.channels is not None:
                    expected = expected[..., list(y.channels)]
                assert tensors[y.index].tobytes() == expected.tobytes(), (graph.ops, y)
