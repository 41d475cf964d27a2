"""Ops that only a reader or passes make, and that copy all of a tensor."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw

TYPES = ("int8", "int16", "int32", "float32", "uint8")


def _copied(code: str, m: GraphBuilder, rng: np.random.Generator) -> None:
    d = Draw(rng)
    x = d.activations(m, d.shape(d.integer(1, 4), 12, 900), d.pick(TYPES))
    m.op(code, [x], [m.like(x, x.shape)])


def copies(code: str) -> tuple[partial[None], ...]:
    """The generator of an operator that copies."""
    return (partial(_copied, code),)
