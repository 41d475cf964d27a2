"""AVERAGE_POOL_2D: averages that round halves away from zero."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.cases import IMAGE, Cases, Run
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.windows import append_pool, refused_pools

CODE = "AVERAGE_POOL_2D"


def edges() -> Iterator[Run]:
    """Averages on halves."""
    for height, width in ((1, 2), (2, 2), (3, 3), (2, 7)):
        x, y = T((200, height, width, 1), "int8", 0.1, -3), T((200, 1, 1, 1), "int8", 0.1, -3)
        sizes = {"filter_height": height, "filter_width": width}
        options = {"padding": "VALID", "stride_h": 1, "stride_w": 1, **sizes}
        rng = np.random.default_rng(height)
        yield one_op(CODE, (x,), y, **options), [rng.integers(-9, 9, x.shape).astype(np.int8)]


CASES = Cases(partial(append_pool, CODE), IMAGE, edges=edges, refused=partial(refused_pools, CODE))
