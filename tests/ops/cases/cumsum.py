"""CUMSUM: along each axis, from either end, with and without the element itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from tests.tflite_models.binary import sum_scale
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    rank = len(x.shape)
    data = None if not d.tame and d.chance(0.2) else d.integer(-rank, rank - 1)
    axis = m.tensor((1,) if d.chance(0.5) else (), "int32", data=data)
    if x.dtype == "int8":
        y = m.tensor(x.shape, scale=sum_scale(m, d, x, x), zero_point=d.zero_point())
    else:
        y = m.tensor(x.shape, x.dtype)
    m.op("CUMSUM", [x, axis], [y], exclusive=d.chance(0.5), reverse=d.chance(0.5))
    return y


def mend(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """The axes 0 and -1, which every tensor has."""
    return values % 2 - 1 if place == 1 else values


def edges() -> Iterator[Run]:
    """So many that sums leave 32 bits; each axis as an input."""
    for dtype, axis in itertools.product(("int8", "float32"), range(-4, 4)):
        x, y = T((2, 3, 1, 4), dtype), T((2, 3, 1, 4), dtype, 2.0)
        model = one_op("CUMSUM", [x, T((1,), "int32")], y, exclusive=axis % 2 == 1)
        (_, (values, _)) = run_of(model, axis + 4)
        yield model, [values, np.array([axis], np.int32)]
    for extent in (16, 17, 100):
        x = T((extent, 2), scale=0.5, zero_point=-128)
        yield run_of(one_op("CUMSUM", [x, ints(0)], T((extent, 2), scale=8.0, zero_point=3)))


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """Axes that there are not."""
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    model = one_op("CUMSUM", [T((2, 3), "float32"), T((), "int32")], T((2, 3), "float32"))
    for given, axis in ((-(2**31), 0), (-3, 0), (2, 1), (2**31 - 1, 1)):
        yield model, [x, np.array(given, np.int32)], x.cumsum(axis, np.float32)


def refused() -> Iterator[Refused]:
    x, y = T((2, 3)), T((2, 3))
    yield Refused("not one number", one_op("CUMSUM", [x, ints(0, 1)], y), by_tflm=True)
    for shape in ((), (1,) * 7):
        yield Refused("1 to 6", one_op("CUMSUM", [T(shape), ints(0)], T(shape)))
    for axis in (2, -3):
        yield Refused("with 2 dimensions", one_op("CUMSUM", [x, ints(axis)], y), by_tflm=True)
    tiny = one_op("CUMSUM", [x, ints(0)], T((2, 3), scale=2.0**-21))
    yield Refused("expected less than 2**19", tiny, by_tflm=True)
    yield Refused("expected [2, 3]", one_op("CUMSUM", [x, ints(0)], T((3, 2))))
    yield Refused("has 0", one_op("CUMSUM", [T((4,), scale=None), ints(0)], T((4,))))


CASES = Cases(append, edges=edges, left_open=left_open, refused=refused, mend=mend)
