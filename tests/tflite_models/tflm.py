"""Compares kernels with TFLM: models in, an assertion that names the first difference out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tflite_micro import runtime

from fwgen.compile.passes.constants import fold_constants
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from tests.kernels import on_this_machine as kernels

Run = tuple[bytes, Sequence[np.ndarray]]
"""A model and one array for each of its inputs."""


def load(model: bytes) -> Graph:
    """The model as the stages after the reader get it, with constants in the place of what makes
    them: no kernel does that."""
    return fold_constants(resolve(read_model(model, "m")))


def tflm(model: bytes, inputs: Sequence[np.ndarray]) -> np.ndarray:
    """The first output that TFLM gives."""
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=2 << 20)
    for index, array in enumerate(inputs):
        interpreter.set_input(array, index)
    interpreter.invoke()
    return interpreter.get_output(0)


def assert_as_tflm(runs: Sequence[Run]) -> None:
    """Assert that the reference kernels, under sanitizers, give TFLM's bytes in every run."""
    assert runs
    graphs = {id(model): load(model) for model, _ in runs}
    cases = [(graphs[id(model)], inputs) for model, inputs in runs]
    for (graph, _), (model, inputs), tensors in zip(cases, runs, kernels.run(cases), strict=True):
        expected, got = tflm(model, inputs), tensors[graph.outputs[0]]
        assert got.dtype == expected.dtype and got.shape == expected.shape
        if got.tobytes() != expected.tobytes():
            where = np.argwhere(got != expected)[:5].tolist()
            shapes = [tensor.shape for tensor in graph.tensors]
            raise AssertionError(f"{graph.ops[0]} of tensors {shapes} differs at {where}")
