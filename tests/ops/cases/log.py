"""LOG: numbers of all magnitudes, subnormal ones, 0, and those around 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.tflite_models.cases import Refused, Run
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.unary import magnitude, of_floats, refused_results

ALIKE = of_floats("LOG", mend=magnitude)


def edges() -> Iterator[Run]:
    yield from ALIKE.edges()
    rng = np.random.default_rng(8)
    spread = 10.0 ** rng.uniform(-45, 38.5, 9000)
    near = 1.0 + rng.normal(size=3000) * 10.0 ** rng.uniform(-7.5, -1, 3000)
    ends = np.float32([0, np.inf, 1, 1e-45, 1.1754944e-38, 1.1754942e-38, 3.4028235e38])
    x = np.concatenate([spread, near, ends]).astype(np.float32)
    yield one_op("LOG", [T(x.shape, "float32")], T(x.shape, "float32")), [x]


def refused() -> Iterator[Refused]:
    yield from ALIKE.refused()
    yield from refused_results("LOG")


CASES = replace(ALIKE, edges=edges, refused=refused)
