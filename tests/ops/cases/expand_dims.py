"""EXPAND_DIMS: a new dimension anywhere."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    axis = d.integer(-len(x.shape) - 1, len(x.shape))
    shape = list(x.shape)
    shape.insert(axis if axis >= 0 else axis + len(x.shape) + 1, 1)
    y = m.like(x, shape)
    m.op("EXPAND_DIMS", [x, m.tensor((1,) if d.chance(0.5) else (), "int32", data=axis)], [y])
    return y


SHAPES = (((2, 3), (2, 1, 3)), ((), (1,)), ((2, 3, 4, 5, 2), (2, 3, 4, 5, 2, 1)))


def edges() -> Iterator[Run]:
    for dtype in ("int8", "int16", "float32"):
        for seed, (shape, output) in enumerate(SHAPES):
            axis = T((), "int32", data=output.index(1))
            yield run_of(one_op("EXPAND_DIMS", [T(shape, dtype), axis], T(output, dtype)), seed)


def refused() -> Iterator[Refused]:
    x = T((2, 3))

    def made(axis: T, y: tuple[int, ...]) -> bytes:
        return one_op("EXPAND_DIMS", (x, axis), T(y))

    yield Refused("[3], expected", made(ints(3), (2, 3, 1)), by_tflm=True)
    yield Refused("[-4], expected", made(ints(-4), (1, 2, 3)))
    yield Refused("[0, 0], expected one number", made(ints(0, 0), (1, 2, 3)))
    yield Refused("expected [1, 2, 3]", made(ints(0), (2, 1, 3)), by_tflm=True)
    yield Refused("must be constant", made(T((1,), "int32"), (1, 2, 3)), by_tflm=True)
    int32 = one_op("EXPAND_DIMS", (T((2, 3), "int32"), ints(0)), T((1, 2, 3), "int32"))
    yield Refused("int32", int32, by_tflm=True)


CASES = Cases(append, (1, 4), edges=edges, refused=refused)
