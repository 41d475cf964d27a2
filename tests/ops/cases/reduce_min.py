"""REDUCE_MIN: any axes, and floats that no number is beyond."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.cases import Cases, Run, run_of
from tests.tflite_models.hand_made import T
from tests.tflite_models.reductions import any_axes, append_extreme, reduction, refused_extremes

CODE = "REDUCE_MIN"


def edges() -> Iterator[Run]:
    for seed, (shape, axes, keep_dims) in enumerate(any_axes()):
        x = T(shape, ("int8", "float32")[seed % 2])
        yield run_of(reduction(CODE, x, axes, keep_dims), seed)
    yield run_of(reduction(CODE, T((4, 3), scale=None), (0,), scale=None))
    inf = np.array([[np.inf, np.inf], [-np.inf, -np.inf], [np.inf, 1], [-np.inf, 0]], np.float32)
    yield reduction(CODE, T(inf.shape, "float32"), (1,)), [inf]


CASES = Cases(
    partial(append_extreme, CODE), (1, 4), edges=edges, refused=partial(refused_extremes, CODE)
)
