"""RESIZE_BILINEAR: larger and smaller images, corners aligned and centers of half pixels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import IMAGE, Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

CODE = "RESIZE_BILINEAR"
WAYS = ({}, {"align_corners": True}, {"half_pixel_centers": True})


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    size = [d.integer(1, 12), d.integer(1, 12)]
    y = m.like(x, (x.shape[0], *size, x.shape[3]))
    m.op(CODE, [x, m.tensor((2,), "int32", data=size)], [y], **d.pick(WAYS))
    return y


def resized(x: T, size: tuple[int, int], **options: object) -> bytes:
    y = T((x.shape[0], *size, x.shape[3]), x.dtype)
    return one_op(CODE, (x, ints(*size)), y, **options)


def edges() -> Iterator[Run]:
    """Every pair of sizes of a row, and images of many positions."""
    for seed, (extent, size) in enumerate(itertools.product(range(1, 8), repeat=2)):
        way = WAYS[seed % 3]
        for dtype in ("int8", "float32"):
            yield run_of(resized(T((1, extent, 2, 2), dtype), (size, 3), **way), seed)
    for seed, (extent, size) in enumerate(((1, 3), (7, 640), (300, 7), (97, 1024), (1500, 40))):
        for way, dtype in itertools.product(WAYS, ("int8", "float32")):
            yield run_of(resized(T((1, extent, 1, 1), dtype), (size, 1), **way), seed)
    both = np.array([-128, 127, 127, -128], np.int8).reshape(1, 2, 2, 1)
    for way in WAYS:
        yield resized(T(both.shape), (64, 64), **way), [both]


def refused() -> Iterator[Refused]:
    x = T((1, 3, 4, 2))
    both = {"align_corners": True, "half_pixel_centers": True}
    yield Refused("contradict each other", resized(x, (2, 2), **both), by_tflm=True)
    yield Refused("must be constant", one_op(CODE, (x, T((2,), "int32")), T((1, 2, 2, 2))))
    yield Refused("3 numbers, expected 2", one_op(CODE, (x, ints(1, 2, 3)), T((1, 2, 2, 2))))
    yield Refused("expected [1, 2, 3, 2]", one_op(CODE, (x, ints(2, 3)), T((1, 3, 2, 2))))
    flat = one_op(CODE, (T((3, 4, 2)), ints(2, 2)), T((2, 2, 2)))
    yield Refused("3 dimensions, expected 4", flat, by_tflm=True)
    scalar = T((), "int32", data=2)
    yield Refused("0 dimensions, expected 1", one_op(CODE, (x, scalar), T((1, 2, 2, 2))))
    long = T((1, (1 << 20) + 1, 1, 1))
    yield Refused("at most 1048576", resized(long, (1, 1)))
    yield Refused("at most 1048576 and 65536 rows", resized(x, (1 << 17, 1)))
    yield Refused("lies beyond the input", resized(T((1, 5, 1, 1)), (224, 1)))


CASES = Cases(append, IMAGE, edges=edges, refused=refused)
