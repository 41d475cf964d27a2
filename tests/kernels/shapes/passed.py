"""Ops that loops and branches begin, divide and end with, each of its own."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.shapes.renamed import TYPES
from tests.tflite_models.draw import Draw


def _passed(code: str, m: GraphBuilder, rng: np.random.Generator) -> None:
    d = Draw(rng)
    xs = [
        d.activations(m, d.shape(d.integer(0, 4), 12, 300), d.pick(TYPES))
        for _ in range(d.integer(1, 3))
    ]
    m.op(code, xs, [m.like(x, x.shape) for x in xs])


def _chosen(code: str, m: GraphBuilder, rng: np.random.Generator) -> None:
    x = Draw(rng).activations(m, (1,) * int(rng.integers(0, 3)), "bool")
    m.op(code, [x], [m.like(x, x.shape)])


def passes(code: str) -> tuple[partial[None], ...]:
    """The generator of an operator that copies all its inputs."""
    return (partial(_passed, code),)


def chooses(code: str) -> tuple[partial[None], ...]:
    """The generator of an operator that takes a condition."""
    return (partial(_chosen, code),)
