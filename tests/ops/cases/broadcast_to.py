"""BROADCAST_TO: new dimensions in front, and those of size 1 repeated."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

DTYPES = ("int8", "int16", "int32", "int64", "float32", "bool", "uint8")


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    shape = [d.integer(1, 4) if n == 1 else n for n in x.shape]
    while len(shape) < 5 and d.chance(0.4):
        shape.insert(0, d.integer(1, 3))
    y = m.like(x, shape)
    operand = m.tensor((len(shape),), d.pick(("int32", "int64")), data=shape)
    m.op("BROADCAST_TO", [x, operand], [y])
    return y


def broadcast(x: T, shape: T, y: T) -> bytes:
    return one_op("BROADCAST_TO", (x, shape), y)


SHAPES = (
    ((), (3,)),
    ((1,), (4,)),
    ((1, 3), (2, 3)),
    ((3, 1), (3, 5)),
    ((2, 1, 3, 1), (2, 4, 3, 2)),
    ((3,), (2, 1, 2, 4, 3)),
    ((2, 3), (2, 3)),
)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in DTYPES:
        for x, y in SHAPES:
            yield run_of(broadcast(T(x, dtype), ints(*y), T(y, dtype)), next(seed))


def refused() -> Iterator[Refused]:
    x = T((2, 1))
    yield Refused("does not broadcast to [3, 4]", broadcast(x, ints(3, 4), T((3, 4))), by_tflm=True)
    yield Refused("does not broadcast to [2]", broadcast(x, ints(2), T((2,))), by_tflm=True)
    yield Refused("does not broadcast to [2, -3]", broadcast(x, ints(2, -3), T((2, 3))))
    yield Refused("expected [2, 3]", broadcast(x, ints(2, 3), T((2, 4))))
    yield Refused("must be constant", broadcast(x, T((2,), "int32"), T((2, 3))))
    yield Refused("are int16", broadcast(x, ints(2, 3, dtype="int16"), T((2, 3))), by_tflm=True)
    column = T((2, 1), "int32", data=(2, 3))
    yield Refused("has 2 dimensions, expected 1", broadcast(x, column, T((2, 3))))
    six = (1,) * 6
    yield Refused("1 to 5", broadcast(T(six), ints(*six), T(six)), by_tflm=True)
    mixed = broadcast(x, ints(2, 3), T((2, 3), "int16"))
    yield Refused("supports int8", mixed, by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
