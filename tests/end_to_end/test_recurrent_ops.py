"""LSTM and SVDF on boards: outputs and state over many inferences, of every type that they have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fwgen.contract.node import Node
from fwgen.model.element import agree
from fwgen.ops import operators
from tests.conftest import Fwgen
from tests.ops.drawn import op_graph, types_of
from tests.tflite_models import random_op_model

CODES = ("SVDF", "UNIDIRECTIONAL_SEQUENCE_LSTM")
SEEDS = 40


def models() -> Iterator[bytes]:
    """One of each list of element types that the operators state."""
    for code in CODES:
        wanted = list(operators()[code].types)
        for dtype in types_of(code):
            for seed in range(SEEDS):
                model = random_op_model(code, np.random.default_rng(seed), dtype)
                graph = op_graph(model)
                found = Node(graph, graph.ops[0]).types
                (types,) = (each for each in operators()[code].types if agree(each, found))
                if types in wanted and graph.output(graph.ops[0]).elements >= 8:
                    wanted.remove(types)
                    yield model
        assert not wanted


@pytest.mark.parametrize(
    ("board", "steps"), [("host", 200), ("corstone-300", 20), ("mps2-an386", 20)]
)
def test_sequences(fwgen: Fwgen, tmp_path: Path, board: str, steps: int) -> None:
    """In one image, so that what one keeps is not where another one computes."""
    paths = []
    for number, model in enumerate(models()):
        paths.append(tmp_path / f"recurrent_{number}.tflite")
        paths[-1].write_bytes(model)
    assert len(paths) == sum(len(operators()[code].types) for code in CODES)
    out, result = tmp_path / "o", tmp_path / "v.json"
    options = ("--sanitize",) if board == "host" else ()
    done = fwgen("build", *paths, "-b", board, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", steps, "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = json.loads(result.read_text())["models"]
    assert len(verdicts) == len(paths)
    for verdict in verdicts:
        assert verdict["inputs"] == steps and verdict["mismatches"] == 0
        assert not verdict["constant_outputs"]
        state = verdict["state"]
        assert state["mismatches"] == 0 and state["changed"] > state["bytes"] // 2
