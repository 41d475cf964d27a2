"""PADV2: raw values moved, any number around them, constant or not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    margins = [(d.pick((0, 0, 1, 2, 3)), d.pick((0, 0, 1, 2))) for _ in x.shape]
    y = m.like(x, [n + sum(margin) for n, margin in zip(x.shape, margins, strict=True)])
    quant = {"scale": x.scale or None, "zero_point": x.zero_point}
    shape = (1,) if d.chance(0.3) else ()
    data = d.values(shape, x.dtype) if d.tame or d.chance(0.8) else None
    value = m.tensor(shape, x.dtype, **quant, data=data)
    m.op("PADV2", [x, m.tensor((len(margins), 2), "int32", data=margins), value], [y])
    return y


def padv2(x: T, sides: Sequence[tuple[int, int]], value: T, y: T | None = None) -> bytes:
    shape = tuple(sum(pair, size) for size, pair in zip(x.shape, sides, strict=True))
    table = T((len(sides), 2), "int32", data=sides)
    made = y or T(shape, x.dtype, x.scale, x.zero_point)
    return one_op("PADV2", (x, table, value), made)


SIDES = (
    ((3,), [(2, 1)]),
    ((40,), [(60, 70)]),
    ((2, 3), [(0, 0), (0, 0)]),
    ((2, 3, 4), [(0, 2), (1, 0), (0, 0)]),
    ((1, 4, 4, 3), [(0, 0), (1, 1), (1, 2), (0, 2)]),
    ((2, 1, 2, 1, 2), [(1, 1), (1, 2), (2, 1), (1, 1), (3, 1)]),
)
VALUES = {"int8": (0, -1, 5, -128), "int16": (0, -1, 300, -32768), "int32": (0, 7, -2000000000)}


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype, values in {**VALUES, "float32": (0.0, -1.5)}.items():
        for value in (*values, None):
            for shape, sides in SIDES:
                yield run_of(padv2(T(shape, dtype), sides, T((), dtype, data=value)), next(seed))
    x, value = T((2,), zero_point=3), T((), scale=0.25, zero_point=-9, data=4)
    yield run_of(padv2(x, ((1, 1),), value, T((4,), scale=0.25, zero_point=-9)))
    bare = T((), scale=None, data=4)
    yield run_of(padv2(x, ((1, 1),), bare, T((4,), scale=None)))


def refused() -> Iterator[Refused]:
    x, value = T((2,)), T((), data=4)
    one, six = T((1, 2), "int32", data=(1, 1)), T((1,) * 6)
    yield Refused("negative", padv2(x, ((-1, 2),), value))
    yield Refused("expected [4]", padv2(x, ((1, 1),), value, T((5,))), by_tflm=True)
    image = one_op("PADV2", (T((2, 3)), one, value), T((2, 5)))
    yield Refused("expected [2, 2]", image, by_tflm=True)
    open_ = one_op("PADV2", (x, T((1, 2), "int32"), value), T((4,)))
    yield Refused("must be constant", open_, by_tflm=True)
    wide = T((1, 2), "int64", data=(1, 1))
    yield Refused("int64", one_op("PADV2", (x, wide, value), T((4,))))
    yield Refused("at most 5", padv2(six, ((0, 0),) * 6, value), by_tflm=True)
    yield Refused("expected one element", padv2(x, ((1, 1),), T((2,), data=(1, 1))), by_tflm=True)
    other = T((), scale=0.25, data=4)
    yield Refused("same scale and zero point", padv2(x, ((1, 1),), other), by_tflm=True)
    yield Refused("has 0", padv2(x, ((1, 1),), T((), scale=None, data=4)))
    mixed = padv2(x, ((1, 1),), T((), "int16", data=4))
    yield Refused("supports int8", mixed, by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
