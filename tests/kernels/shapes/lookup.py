"""LOOKUP, which only passes make: several tables in a row."""

from __future__ import annotations

import numpy as np

from fwgen.compile.passes import optimize
from fwgen.model.graph import Graph
from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw


def in_a_row(m: GraphBuilder, rng: np.random.Generator) -> Graph:
    d = Draw(rng)
    x = m.tensor(d.shape(d.integer(1, 4), 12, 900), scale=0.05, zero_point=d.zero_point())
    y = m.tensor(x.shape, scale=1 / 256, zero_point=-128)
    z = m.tensor(x.shape, scale=d.power(-8, -6), zero_point=d.zero_point())
    m.op("LOGISTIC", [x], [y])
    m.op("QUANTIZE", [y], [z])
    return optimize(m.build(), strict=True)


GENERATORS = (in_a_row,)
