"""MAX_POOL_2D: bounds of activations as quotients of float32."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.cases import IMAGE, Cases, Run
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.windows import append_pool, refused_pools

CODE = "MAX_POOL_2D"


def edges() -> Iterator[Run]:
    """Scales of which 6 is a number of steps and a half, or nearly, in float32 or in double."""
    sizes = {"stride_h": 1, "stride_w": 1, "filter_height": 1, "filter_width": 1}
    differing = 0
    for step in range(1, 120):
        scale = float(np.float32(6 / (step + 0.5)))
        differing += int(np.float32(6) / np.float32(scale) == step + 0.5 > 6 / scale)
        x, y = (T((1, 1, 2, 1), "int8", scale, -128) for _ in range(2))
        model = one_op(CODE, (x,), y, **sizes, fused_activation_function="RELU6")
        yield model, [np.array([127, -128], np.int8).reshape(1, 1, 2, 1)]
    assert differing > 20


CASES = Cases(partial(append_pool, CODE), IMAGE, edges=edges, refused=partial(refused_pools, CODE))
