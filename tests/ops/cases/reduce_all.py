"""REDUCE_ALL: any axes of truth values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.builder import Tensor
from tests.tflite_models.cases import Cases, Run
from tests.tflite_models.hand_made import T
from tests.tflite_models.reductions import any_axes, append_extreme, reduction, refused_reductions

CODE = "REDUCE_ALL"


def edges() -> Iterator[Run]:
    for seed, (shape, axes, keep_dims) in enumerate(any_axes()):
        x = np.random.default_rng(seed).random(shape) < 0.9
        yield reduction(CODE, T(shape, "bool"), axes, keep_dims), [x]


def is_bool(x: Tensor) -> bool:
    return x.dtype == "bool"


CASES = Cases(
    partial(append_extreme, CODE),
    (1, 4),
    dtype="bool",
    fits=is_bool,
    edges=edges,
    refused=partial(refused_reductions, CODE, "bool"),
)
