"""Models with state, in steps: outputs and variables are TFLM's after each inference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fwgen.compile.request import Request
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from fwgen.pipeline import compile_graph
from tests.compile.stepping import HOST, stepping, steps, tflm_steps
from tests.tflite_models import random_inputs
from tests.tflite_models.streams import random_stream

STEPS, RESET_AT = 9, 6


@pytest.mark.parametrize("seed", range(10))
def test_random_streams(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    model = random_stream(rng)
    graph = resolve(read_model(model, "stream"))
    goal = ("balanced", "ram", "speed")[seed % 3]
    program = compile_graph(graph, Request(HOST, goal=goal))
    inputs = [random_inputs(model, rng) for _ in range(STEPS)]
    found = steps(program, stepping(program, tmp_path), inputs, RESET_AT)
    assert found[0][1]

    made = {v.after: program.graph.tensors[v.after].source for v in program.graph.variables}
    known = [t for t in made.values() if t is not None]
    assert known
    expected = tflm_steps(model, inputs[:RESET_AT], known)
    expected += tflm_steps(model, inputs[RESET_AT:], known)
    for number, ((outputs, kept), (right, values)) in enumerate(zip(found, expected, strict=True)):
        assert outputs == right, f"step {number}"
        for after, source in made.items():
            if source is not None:
                assert kept[after] == values[source], f"step {number}, tensor {source}"


def test_streams_are_not_still() -> None:
    """Most random models change their state and their outputs with the same input."""
    moving = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        model = random_stream(rng)
        values = random_inputs(model, rng)
        other = random_inputs(model, rng)
        ran = tflm_steps(model, [values, other, values], ())
        moving += ran[0] != ran[2]
    assert moving >= 12
