"""EXP: results from the least number to an infinity, of which TFLM's library rounds each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.tflite_models.cases import Refused, Run
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.unary import of_floats, refused_results

ALIKE = of_floats("EXP")


def edges() -> Iterator[Run]:
    """Numbers of all magnitudes, and around the ends of what a float32 can hold."""
    yield from ALIKE.edges()
    rng = np.random.default_rng(6)
    spread = rng.normal(size=9000) * 10.0 ** rng.uniform(-5, 2.2, 9000)
    ends = np.concatenate([np.linspace(88.6, 88.8, 300), np.linspace(-104.1, -86.9, 900)])
    x = np.concatenate([spread, ends, [np.inf, -np.inf]]).astype(np.float32)
    yield one_op("EXP", [T(x.shape, "float32")], T(x.shape, "float32")), [x]


def refused() -> Iterator[Refused]:
    yield from ALIKE.refused()
    yield from refused_results("EXP")


CASES = replace(ALIKE, edges=edges, refused=refused)
