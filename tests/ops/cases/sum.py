"""SUM: any axes, any scale of the output, as many elements as 32 bits hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.cases import Cases, Run, run_of
from tests.tflite_models.hand_made import T
from tests.tflite_models.reductions import any_axes, append_sum, reduction, refused_sums


def edges() -> Iterator[Run]:
    for seed, (shape, axes, keep_dims) in enumerate(any_axes()):
        x = T(shape, ("int8", "int16", "float32")[seed % 3], 0.1)
        yield run_of(reduction("SUM", x, axes, keep_dims, 0.3), seed)
    for ratio in (2.0**-31, 2.0**-20, 1.0, 1.5, 2.0**10):
        x = np.full((63, 3), [-128, 127, 0], np.int8)
        scale = float(np.float32(0.5 / ratio))
        yield reduction("SUM", T(x.shape, zero_point=-9), (0,), False, scale, 5), [x]
    most = np.full((65535, 1), -(1 << 15), np.int16)
    yield reduction("SUM", T(most.shape, "int16", 0.1), (0,), False, 6553.5), [most]


CASES = Cases(partial(append_sum, "SUM"), (1, 4), edges=edges, refused=partial(refused_sums, "SUM"))
