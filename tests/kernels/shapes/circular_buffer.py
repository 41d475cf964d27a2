"""CIRCULAR_BUFFER: windows of one row and more."""

from __future__ import annotations

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw


def window(m: GraphBuilder, rng: np.random.Generator) -> None:
    """As the reader has it: the window, which becomes the output, too, and a row."""
    d = Draw(rng)
    sizes = d.integer(1, 6), d.integer(1, 40)
    before = m.tensor((1, d.integer(1, 20), *sizes), scale=0.5, variable=True)
    m.op("CIRCULAR_BUFFER", [before, m.tensor((1, 1, *sizes), scale=0.5)], [], cycles_max=1)


GENERATORS = (window,)
