"""CUMSUM: along each axis, from either end, with and without the element itself."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.binary import sum_scale
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    rank = len(x.shape)
    axis = m.tensor((1,) if d.chance(0.5) else (), "int32", data=d.integer(-rank, rank - 1))
    if x.dtype == "int8":
        y = m.tensor(x.shape, scale=sum_scale(m, d, x, x), zero_point=d.zero_point())
    else:
        y = m.tensor(x.shape, x.dtype)
    m.op("CUMSUM", [x, axis], [y], exclusive=d.chance(0.5), reverse=d.chance(0.5))
    return y


def edges() -> Iterator[Run]:
    """So many that sums leave 32 bits."""
    for extent in (16, 17, 100):
        x = T((extent, 2), scale=0.5, zero_point=-128)
        yield run_of(one_op("CUMSUM", [x, ints(0)], T((extent, 2), scale=8.0, zero_point=3)))


def refused() -> Iterator[Refused]:
    x, y = T((2, 3)), T((2, 3))
    yield Refused("not one constant number", one_op("CUMSUM", [x, T((1,), "int32")], y))
    yield Refused("not one constant number", one_op("CUMSUM", [x, ints(0, 1)], y), by_tflm=True)
    for axis in (2, -3):
        yield Refused("with 2 dimensions", one_op("CUMSUM", [x, ints(axis)], y), by_tflm=True)
    tiny = one_op("CUMSUM", [x, ints(0)], T((2, 3), scale=2.0**-21))
    yield Refused("expected less than 2**19", tiny, by_tflm=True)
    yield Refused("expected [2, 3]", one_op("CUMSUM", [x, ints(0)], T((3, 2))))
    yield Refused("has 0", one_op("CUMSUM", [T((4,), scale=None), ints(0)], T((4,))))


CASES = Cases(append, edges=edges, refused=refused)
