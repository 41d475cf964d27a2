"""REVERSE_V2: one dimension or several that follow one another."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

DTYPES = ("int8", "int16", "int32", "int64", "float32", "bool", "uint8")


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    rank = len(x.shape)
    first = d.integer(0, rank - 1)
    axes = [*range(first, d.integer(first, rank - 1) + 1)]
    named = [axis - rank if d.chance(0.3) else axis for axis in axes]
    y = m.like(x, x.shape)
    operand = [named[i] for i in d.rng.permutation(len(named))]
    m.op("REVERSE_V2", [x, m.tensor((len(named),), "int32", data=operand)], [y])
    return y


def reverse(x: T, axes: T, y: T | None = None) -> bytes:
    return one_op("REVERSE_V2", (x, axes), y or T(x.shape, x.dtype))


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in DTYPES:
        for rank in range(1, 7):
            shape = (2, 3, 1, 2, 2, 3)[:rank]
            for first in range(rank):
                for end in {first + 1, rank}:
                    yield run_of(reverse(T(shape, dtype), ints(*range(first, end))), next(seed))


def refused() -> Iterator[Refused]:
    x = T((2, 3, 4))
    yield Refused("that follow one another", reverse(x, ints(0, 2)), by_tflm=True)
    yield Refused("that follow one another", reverse(x, ints(1, 1)), by_tflm=True)
    yield Refused("expected numbers from -3 to 2", reverse(x, ints(3)), by_tflm=True)
    yield Refused("must be constant", reverse(x, T((1,), "int32")))
    yield Refused("has 0 dimensions, expected 1", reverse(x, T((), "int32", data=1)))
    yield Refused("int64", reverse(x, ints(1, dtype="int64")), by_tflm=True)
    yield Refused("expected [2, 3, 4]", reverse(x, ints(1), T((2, 4, 3))))
    yield Refused("1 to 6", reverse(T((1,) * 7), ints(1)), by_tflm=True)
    yield Refused("supports int8", reverse(x, ints(1), T((2, 3, 4), "int16")), by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
