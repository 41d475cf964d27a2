"""SIGNAL_*: one op of some dozen to some hundred numbers."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw
from tests.tflite_models.signal_ops import APPEND


def _one(code: str, m: GraphBuilder, rng: np.random.Generator) -> None:
    d = Draw(rng)
    dtype, append = APPEND[code]
    size = d.pick((2, 3, 8, 30, 40, 257, 300))
    rows = d.integer(1, 3) if code in ROWS else 0
    if code == "SIGNAL_OVERLAP_ADD" and d.chance(0.5):
        dtype = "float32"
    append(m, d, m.tensor((rows, size) if rows else (size,), dtype))  # type: ignore[arg-type]


ROWS = ("SIGNAL_WINDOW", "SIGNAL_RFFT", "SIGNAL_OVERLAP_ADD", "SIGNAL_DELAY", "SIGNAL_FRAMER")
"""Those whose tensors have several rows."""

GENERATORS = tuple(partial(_one, code) for code in APPEND)

EACH = 4
