"""L2_POOL_2D: roots of mean squares, also of numbers whose squares vanish or overflow."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.cases import IMAGE, Cases, Refused, Run
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.windows import append_pool, refused_windows

CODE = "L2_POOL_2D"


def made(shape: tuple[int, ...], output: tuple[int, ...], **options: object) -> bytes:
    sizes = {"stride_h": 1, "stride_w": 1, "filter_height": 2, "filter_width": 2}
    return one_op(CODE, [T(shape, "float32")], T(output, "float32"), **{**sizes, **options})


def edges() -> Iterator[Run]:
    for power in (-25, -22, -19, -3, 0, 12, 18, 19):
        rng = np.random.default_rng(power + 30)
        x = (rng.normal(size=(2, 9, 8, 3)) * 10.0**power).astype(np.float32)
        yield made(x.shape, x.shape, filter_height=3), [x]


def refused() -> Iterator[Refused]:
    yield from refused_windows(partial(made, (1, 4, 4, 2), (1, 4, 4, 2)))
    wide = {"padding": "VALID", "filter_height": 4096, "filter_width": 2049}
    yield Refused("has 8392704 elements", made((1, 4096, 2049, 1), (1, 1, 1, 1), **wide))


CASES = Cases(partial(append_pool, CODE), IMAGE, dtype="float32", edges=edges, refused=refused)
