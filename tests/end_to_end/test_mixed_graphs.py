"""Random graphs of all operators and types, with state: built and exact on the boards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Fwgen
from tests.ops.drawn import types_of
from tests.tflite_models import OPERATORS
from tests.tflite_models.mixed_graphs import MixedGraph, mixed_graph

IN_ONE_IMAGE = 4

Drawn = tuple[bytes, MixedGraph]


def drawn(seed: int) -> Drawn:
    return mixed_graph(np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("board", "first"),
    [
        ("host", 0),
        ("corstone-300", 4),
        *(
            pytest.param(board, first, marks=pytest.mark.nightly)
            for board, most in (("host", 500), ("corstone-300", 60), ("mps2-an386", 60))
            for first in range(8, most, IN_ONE_IMAGE)
        ),
    ],
)
def test_mixed_graphs_are_exact(fwgen: Fwgen, tmp_path: Path, board: str, first: int) -> None:
    """Several in one image; each op's outputs and the state, over a sequence of inferences."""
    paths = []
    for seed in range(first, first + IN_ONE_IMAGE):
        model, one = drawn(seed)
        assert not one.refused, (seed, one.refused)
        paths.append(tmp_path / f"mixed-{seed}.tflite")
        paths[-1].write_bytes(model)
    options = ["--sanitize"] if board == "host" else []
    done = fwgen("build", *paths, "-b", board, "-o", "all", *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "all", "--inputs", "4", "--every-op")
    assert done.returncode == 0, done.stdout + done.stderr


def test_graphs_have_every_operator_in_their_middle() -> None:
    """Of those that integers reach: drawn, and read by another op; and many pairs with a type."""
    used: Counter[tuple[str, str]] = Counter()
    for seed in range(24):
        used.update(drawn(1000 + seed)[1].used)
    wanted = {(code, t) for code in OPERATORS for t in types_of(code) if t != "float32"}
    assert len({code for code, _ in used}) >= 0.8 * len({code for code, _ in wanted})
    assert len(wanted & {*used}) >= 0.4 * len(wanted)
    assert used["variable", "int8"] >= 10


def test_a_seed_gives_the_same_graph() -> None:
    assert drawn(3)[0] == drawn(3)[0] != drawn(4)[0]
