"""SIGNAL_*: one op of some dozen to some hundred numbers."""

from __future__ import annotations

from functools import partial

import numpy as np

from fwgen.model.element import Types
from fwgen.ops import operators
from tests.kernels.graph_builder import GraphBuilder
from tests.tflite_models.draw import Draw
from tests.tflite_models.signal_ops import APPEND, LENGTHS


def _one(code: str, types: Types, m: GraphBuilder, rng: np.random.Generator) -> None:
    d = Draw(rng)
    assert types[0] is not None
    size = d.pick((2, 3, 8, 30, 40, 257, 300))
    if code == "SIGNAL_IRFFT":
        size = 2 + d.pick([length for length in LENGTHS if length <= 600])
    rows = d.integer(1, 3) if code in ROWS else 0
    x = m.tensor((rows, size) if rows else (size,), types[0].word)
    APPEND[code][1](m, d, x)  # type: ignore[arg-type]


ROWS = (
    "SIGNAL_WINDOW",
    "SIGNAL_RFFT",
    "SIGNAL_IRFFT",
    "SIGNAL_OVERLAP_ADD",
    "SIGNAL_DELAY",
    "SIGNAL_FRAMER",
)
"""Those whose tensors have several rows."""

GENERATORS = tuple(
    partial(_one, code, types) for code in APPEND for types in operators()[code].types
)

EACH = 4
