"""TRANSPOSE: every order of up to five dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    order = [int(axis) for axis in d.rng.permutation(len(x.shape))]
    y = m.like(x, [x.shape[axis] for axis in order])
    m.op("TRANSPOSE", [x, m.tensor((len(order),), "int32", data=order)], [y])
    return y


def transpose(shape: Sequence[int], order: Sequence[int], dtype: str = "int8") -> bytes:
    x, y = T(tuple(shape), dtype), T(tuple(shape[d] for d in order), dtype)
    return one_op("TRANSPOSE", (x, ints(*order)), y)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for shape in ((2, 3, 4, 5), (2, 1, 3), (2, 3), (4,)):
        for order in itertools.permutations(range(len(shape))):
            yield run_of(transpose(shape, order), next(seed))
    dtypes = itertools.cycle(("int8", "int16", "float32"))
    for order, dtype in zip(itertools.permutations(range(5)), dtypes, strict=False):
        yield run_of(transpose((2, 3, 1, 4, 3), order, dtype), next(seed))


def refused() -> Iterator[Refused]:
    def made(order: T, y: tuple[int, ...], x: tuple[int, ...] = (2, 3)) -> bytes:
        return one_op("TRANSPOSE", (T(x), order), T(y))

    yield Refused("[1, 1], expected each of 0 to 1 once", made(ints(1, 1), (3, 3)))
    yield Refused("[1, 0, 2], expected", made(ints(1, 0, 2), (3, 2)), by_tflm=True)
    yield Refused("expected [3, 2]", made(ints(1, 0), (2, 3)))
    yield Refused("must be constant", made(T((2,), "int32"), (3, 2)), by_tflm=True)
    int32 = one_op("TRANSPOSE", (T((2, 3), "int32"), ints(1, 0)), T((3, 2), "int32"))
    yield Refused("int32", int32, by_tflm=True)
    column = T((2, 1), "int32", data=(1, 0))
    yield Refused("has 2 dimensions, expected 1", made(column, (3, 2)), by_tflm=True)
    yield Refused("1 to 5", made(ints(*range(6)), (1,) * 6, (1,) * 6), by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
