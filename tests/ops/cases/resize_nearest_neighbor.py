"""RESIZE_NEAREST_NEIGHBOR: all sizes around all small ones, with every pair of options."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import IMAGE, Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

FLAGS = tuple(itertools.product((False, True), repeat=2))


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Often a multiple of the size."""
    size = [n * d.integer(1, 3) if d.chance(0.6) else d.extent(12) for n in x.shape[1:3]]
    y = m.like(x, (x.shape[0], *size, x.shape[3]))
    align, half = d.pick(FLAGS) if d.chance(0.5) else (False, True)
    options = {"align_corners": align, "half_pixel_centers": half}
    m.op("RESIZE_NEAREST_NEIGHBOR", [x, m.tensor((2,), "int32", data=size)], [y], **options)
    return y


def resize(x: T, size: T, y: T, align: bool = False, half: bool = False) -> bytes:
    options = {"align_corners": align, "half_pixel_centers": half}
    return one_op("RESIZE_NEAREST_NEIGHBOR", (x, size), y, **options)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for rows, other in itertools.product(range(1, 9), range(1, 17)):
        for align, half in FLAGS:
            size = (other, rows)
            x, y = T((1, rows, other, 1)), T((1, *size, 1))
            yield run_of(resize(x, ints(*size), y, align, half), next(seed))
    for dtype in ("int8", "int16", "float32"):
        for size in ((2, 3), (6, 9), (7, 5), (4, 6)):
            x, y = T((2, 2, 3, 5), dtype), T((2, *size, 5), dtype)
            yield run_of(resize(x, ints(*size), y), next(seed))


def refused() -> Iterator[Refused]:
    x = T((1, 2, 2, 3))
    yield Refused("expected [1, 4, 4, 3]", resize(x, ints(4, 4), T((1, 4, 5, 3))))
    long = resize(x, ints(1 << 17, 1), T((1, 1 << 17, 1, 3)))
    yield Refused("at most 65,536", long)
    yield Refused("must be constant", resize(x, T((2,), "int32"), T((1, 4, 4, 3))), by_tflm=True)
    yield Refused("expected [2]", resize(x, ints(4), T((1, 4, 4, 3))), by_tflm=True)
    wide = resize(x, ints(4, 4, dtype="int64"), T((1, 4, 4, 3)))
    yield Refused("int64", wide, by_tflm=True)
    flat = resize(T((2, 2, 3)), ints(4, 4), T((4, 4, 3)))
    yield Refused("has 3 dimensions, expected 4", flat, by_tflm=True)
    int32 = resize(T((1, 2, 2, 3), "int32"), ints(4, 4), T((1, 4, 4, 3), "int32"))
    yield Refused("int32", int32, by_tflm=True)


CASES = Cases(append, ranks=IMAGE, edges=edges, refused=refused)
