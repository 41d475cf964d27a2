"""ARG_MAX: the first of equal elements, along every axis."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.cases import Cases, Run, run_of
from tests.tflite_models.hand_made import T, ints, one_op
from tests.tflite_models.reductions import append_place, refused_places

CODE = "ARG_MAX"


def edges() -> Iterator[Run]:
    shape = (2, 3, 2, 1, 3, 2)
    for axis in range(-6, 6):
        y = tuple(size for k, size in enumerate(shape) if k != axis % 6)
        for dtype in ("int8", "float32"):
            model = one_op(CODE, (T(shape, dtype), ints(axis)), T(y, "int32"))
            yield run_of(model, axis + 6)
    few = np.random.default_rng(1).integers(-1, 2, (5, 40)).astype(np.int8)
    yield one_op(CODE, (T(few.shape), ints(1)), T((5,), "int32")), [few]
    zeros = np.array([[0.0, -0.0, 0.0], [-0.0, 0.0, -0.0], [-np.inf, np.inf, 0]], np.float32)
    yield one_op(CODE, (T(zeros.shape, "float32"), ints(1)), T((3,), "int32")), [zeros]


CASES = Cases(
    partial(append_place, CODE), (1, 5), edges=edges, refused=partial(refused_places, CODE)
)
