"""SUB: scales that put differences near ties, so that float32 and double multipliers differ."""

from __future__ import annotations

from functools import partial

from tests.tflite_models.binary import arithmetic, refused_sums, sum_scale

SCALES = (
    ((0.2, 0), (0.2, 0), (1.2, 0)),
    ((0.173, 0), (0.692, 0), (4.152, 0)),
)

CASES = arithmetic(
    "SUB",
    sum_scale,
    shifted=True,
    scales=lambda: SCALES,
    refused=partial(refused_sums, "SUB"),
)
