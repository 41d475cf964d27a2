"""ADD: scales that put sums near ties, so that float32 and double multipliers differ."""

from __future__ import annotations

from functools import partial

from tests.tflite_models.binary import arithmetic, refused_sums, sum_scale

SCALES = (
    ((0.7, 0), (2.1, 0), (25.2, 0)),
    ((0.863, 0), (4.315, 0), (43.15, 0)),
)

CASES = arithmetic(
    "ADD",
    sum_scale,
    shifted=True,
    scales=lambda: SCALES,
    refused=partial(refused_sums, "ADD"),
)
