"""FILL: numbers of one byte and of several, constant or not, in any shape."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """``x`` is what fills if it is a scalar, else one of its type."""
    shape = d.shape(d.integer(1, 5))
    y = m.like(x, shape)
    value = m.like(x, ()) if x.shape else x
    m.op("FILL", [m.tensor((len(shape),), d.pick(("int32", "int64")), data=shape), value], [y])
    return y


def fill(sizes: T, value: T, y: T) -> bytes:
    return one_op("FILL", (sizes, value), y)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype, values in (("int8", (0, 7)), ("int32", (0, -1, 70000)), ("float32", (0.0, 2.5))):
        for value in (*values, None):
            for shape in ((1,), (3, 5), (2, 3, 4, 1, 2), (100,)):
                model = fill(ints(*shape), T((), dtype, data=value), T(shape, dtype))
                yield run_of(model, next(seed))


def refused() -> Iterator[Refused]:
    value, y = T((), data=3), T((2, 3))
    yield Refused("expected [2, 3]", fill(ints(2, 3), value, T((3, 2))))
    yield Refused("must be constant", fill(T((2,), "int32"), value, y), by_tflm=True)
    yield Refused("are int16", fill(ints(2, 3, dtype="int16"), value, y))
    vector = fill(ints(2, 3), T((1,), data=(1,)), y)
    yield Refused("has 1 dimensions, expected 0", vector, by_tflm=True)
    column = T((2, 1), "int32", data=(2, 3))
    yield Refused("has 2 dimensions, expected 1", fill(column, value, y), by_tflm=True)
    yield Refused("int16", fill(ints(2), T((), "int16", data=1), T((2,), "int16")), by_tflm=True)
    mixed = fill(ints(2), T((), "int32", data=1), T((2,)))
    yield Refused("supports int32", mixed, by_tflm=True)


CASES = Cases(append, fits=lambda x: x.shape == (), place=1, edges=edges, refused=refused)
