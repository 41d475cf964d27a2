"""MEAN: any axes, extreme ratios of scales, a division that truncates."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.cases import Cases, Run, run_of
from tests.tflite_models.hand_made import T
from tests.tflite_models.reductions import any_axes, append_sum, reduction, refused_sums


def edges() -> Iterator[Run]:
    for seed, (shape, axes, keep_dims) in enumerate(any_axes()):
        x = T(shape, ("int8", "int8", "int16", "float32")[seed % 4], 0.1)
        yield run_of(reduction("MEAN", x, axes, keep_dims, 0.07), seed)
    ratios = (2.0**-33, 2.0**-31, 2.0**-20, 1.0, 1.5, 2.0**10, 2.0**25, 2.0**29.5)
    for ratio, size, zero_point in itertools.product(ratios, (1, 2, 63, 64, 4096), (-128, 127)):
        x = np.full((size, 3), [-128, 127, 0], np.int8)
        x[0, 2] = -zero_point - 1
        of_x = T(x.shape, scale=0.5, zero_point=zero_point)
        output = float(np.float32(0.5 / ratio)), -zero_point - 1
        yield reduction("MEAN", of_x, (0,), False, *output), [x]
    # 7/8/5 is 0.7/4: multiples of 5 lie on a tie that truncation moves
    yield run_of(reduction("MEAN", T((5, 4000), scale=0.875), (0,), False, 1.0), 9)
    most = np.full((65535, 1), -(1 << 15), np.int16)
    yield reduction("MEAN", T(most.shape, "int16", 0.1), (0,), False, 0.1), [most]


CASES = Cases(
    partial(append_sum, "MEAN"), (1, 4), edges=edges, refused=partial(refused_sums, "MEAN")
)
