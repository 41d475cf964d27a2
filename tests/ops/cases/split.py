"""SPLIT: any axis, any number of equal parts, one of them included."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, several_outputs


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    axis = d.integer(0, len(x.shape) - 1)
    extent = x.shape[axis]
    parts = d.pick([n for n in range(1, min(extent, 64) + 1) if extent % n == 0])
    shape = [extent // parts if i == axis else n for i, n in enumerate(x.shape)]
    named = axis - len(x.shape) if d.chance(0.3) else axis
    operand = m.tensor((1,) if d.chance(0.3) else (), "int32", data=named)
    ys = [m.like(x, shape) for _ in range(parts)]
    m.op("SPLIT", [operand, x], ys, num_splits=parts)
    return d.pick(ys)


def split(axis: object, x: T, y: T, parts: int) -> bytes:
    operand = axis if isinstance(axis, T) else T((), "int32", data=axis)
    ys = [T(y.shape, y.dtype, y.scale, y.zero_point) for _ in range(parts)]
    return several_outputs("SPLIT", [operand, x], ys, num_splits=parts)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in ("int8", "int16", "int32", "float32"):
        for rank in range(1, 6):
            shape = [2, 4, 1, 6, 3][:rank]
            for axis in range(-rank, rank):
                part = [*shape]
                part[axis] = 1
                x, y = T(tuple(shape), dtype), T(tuple(part), dtype)
                yield run_of(split(axis, x, y, shape[axis]), next(seed))
    yield run_of(split(0, T((4,), scale=0.5, zero_point=3), T((2,), scale=0.25), 2))


def refused() -> Iterator[Refused]:
    x = T((2, 4))

    def made(axis: object, y: Sequence[int], parts: int, x: T = x) -> bytes:
        return split(axis, x, T(tuple(y), x.dtype), parts)

    yield Refused("leaves a rest", made(1, (2, 1), 3))
    yield Refused("expected [2, 2]", made(1, (2, 1), 2))
    yield Refused("[2], expected one number from -2 to 1", made(2, (2, 2), 2), by_tflm=True)
    yield Refused("[-3], expected", made(-3, (2, 2), 2), by_tflm=True)
    yield Refused("must be constant", made(T((), "int32"), (2, 2), 2), by_tflm=True)
    yield Refused("supports int8 or", made(0, (1, 4), 2, T((2, 4), "bool")), by_tflm=True)
    mixed = split(0, x, T((1, 4), "int16"), 2)
    yield Refused("supports int8", mixed)


CASES = Cases(append, place=1, edges=edges, refused=refused)
