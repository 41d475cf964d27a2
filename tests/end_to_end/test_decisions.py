"""Loops and branches that firmware decides: exact on the boards, with state, over a sequence of
inferences; their counters; and a loop that does not end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fwgen.model.control import CONTROL
from fwgen.model.reader import read_model
from tests.conftest import Fwgen
from tests.tflite_models.decided import random_decisions

IN_ONE_IMAGE = 8
BOARDS = ("host", "corstone-300", "mps2-an386")


@pytest.mark.parametrize(
    ("board", "first"),
    [
        *((board, number * IN_ONE_IMAGE) for number, board in enumerate(BOARDS)),
        *(
            pytest.param(board, first, marks=pytest.mark.nightly)
            for board in BOARDS
            for first in range(24, 120, IN_ONE_IMAGE)
        ),
    ],
)
def test_random_decisions_are_tflm_s(fwgen: Fwgen, tmp_path: Path, board: str, first: int) -> None:
    """Several models in one image; outputs of ops that always run, and the state."""
    paths, codes, variables = [], set[str](), 0
    for seed in range(first, first + IN_ONE_IMAGE):
        model = random_decisions(np.random.default_rng(seed))
        paths.append(tmp_path / f"decided-{seed}.tflite")
        paths[-1].write_bytes(model)
        graph = read_model(model, "m")
        codes |= {op.code for op in graph.ops}
        variables += len(graph.variables)
    assert codes >= CONTROL and variables > 2
    options = ["--sanitize"] if board == "host" else []
    done = fwgen("build", *paths, "-b", board, "-o", "all", *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "all", "--inputs", "5", "--every-op")
    assert done.returncode == 0, done.stdout + done.stderr
