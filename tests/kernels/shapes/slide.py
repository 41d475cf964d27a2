"""SLIDE, which only passes make: windows that keep more, as much and less than what comes."""

from __future__ import annotations

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.shapes.renamed import TYPES
from tests.tflite_models.draw import Draw


def window(m: GraphBuilder, rng: np.random.Generator) -> None:
    d = Draw(rng)
    columns, kept, new = d.integer(1, 40), d.integer(1, 20), d.integer(1, 20)
    dtype = d.pick(TYPES)
    before = m.tensor((1, kept + new, columns), dtype, variable=True)
    m.op("SLIDE", [before, m.tensor((1, new, columns), dtype)], [])


GENERATORS = (window,)
