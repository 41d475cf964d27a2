"""Reductions over many pixels of some channels, and along axes that are not next to one another."""

from __future__ import annotations

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw, float32


def over_many(code: str, m: GraphBuilder, rng: np.random.Generator) -> None:
    """Of up to 40 channels and 700 pixels."""
    d = Draw(rng)
    channels = d.integer(1, 40)
    width = d.integer(1, max(1, 700 // max(channels, 10)))
    shape = (d.integer(1, 3), d.integer(1, 8), width, channels)
    axes = d.pick(((1, 2), (0, 2), (2,), (0, 1, 2), (1, 3), (0, 2, 3)))
    kept = tuple(n for axis, n in enumerate(shape) if axis not in axes)
    x = d.activations(m, shape, "int8")
    y = m.tensor(kept, scale=float32(x.scale * d.power(-3, 3)), zero_point=d.zero_point())
    m.op(code, [x, m.tensor((len(axes),), "int32", data=axes)], [y], keep_dims=False)
