"""SOFTMAX: beside the operator's own, of scales with which one step is everything."""

from __future__ import annotations

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw


def steep(m: GraphBuilder, rng: np.random.Generator) -> None:
    """The reference then takes differences to the left by up to 31 bits, of which it has none."""
    d = Draw(rng)
    shape = d.shape(d.integer(1, 3), 12, 300)
    x = m.tensor(shape, scale=d.power(0, 2.9), zero_point=d.zero_point())
    m.op("SOFTMAX", [x], [m.tensor(shape, scale=1 / 256, zero_point=-128)], beta=d.power(-1, 6))


GENERATORS = (steep,)
