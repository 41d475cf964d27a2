"""EMBEDDING_LOOKUP: numbers and tables, constant or not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

SAFE = 2
"""Every number below it is in range of the tables of which the numbers are not constant."""


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """``x`` is the table."""
    count = d.integer(1, 6)
    data: np.ndarray | None = d.rng.integers(0, x.shape[0], count)
    if x.shape[0] >= SAFE and not d.tame and d.chance(0.7):
        data = None
    shape = (count, *x.shape[1:])
    if x.dtype == "int8" and not d.tame and d.chance(0.4):
        m.requantize(x, x.scale, 0)
        y = m.tensor(shape, "float32")
    else:
        y = m.like(x, shape)
    m.op("EMBEDDING_LOOKUP", [m.tensor((count,), "int32", data=data), x], [y])
    return y


def mend(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    return values % SAFE if place == 0 else values


def lookup(numbers: T, table: T, y: tuple[int, ...]) -> bytes:
    return one_op("EMBEDDING_LOOKUP", (numbers, table), T(y, table.dtype))


def edges() -> Iterator[Run]:
    rng = np.random.default_rng(1)
    for dtype, shape in (("int8", (30, 8)), ("int8", (5, 2, 3)), ("float32", (7, 4))):
        model = lookup(T((9,), "int32"), T(shape, dtype), (9, *shape[1:]))
        (_, (_, table)) = run_of(model)
        yield model, [rng.integers(0, shape[0], 9).astype(np.int32), table]


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """Numbers out of range."""
    table = np.arange(12, dtype=np.int8).reshape(4, 3)
    wild = np.array([-1, 4, 2], np.int32)
    yield lookup(T((3,), "int32"), T((4, 3)), (3, 3)), [wild, table], table[[0, 3, 2]]


def refused() -> Iterator[Refused]:
    table = T((2, 3))
    yield Refused("has 2, expected 0 to 1", lookup(ints(0, 2), table, (2, 3)), by_tflm=True)
    yield Refused("expected 2 or more", lookup(ints(0), T((2,)), (1,)), by_tflm=True)
    pair = T((1, 1), "int32", data=0)
    yield Refused("has 2 dimensions, expected 1", lookup(pair, table, (1, 3)), by_tflm=True)
    yield Refused("expected [1, 3]", lookup(ints(0), table, (2, 3)))
    wide = lookup(ints(0, dtype="int64"), table, (1, 3))
    yield Refused("int64", wide, by_tflm=True)
    real = T((1, 3), "float32")
    shifted = one_op("EMBEDDING_LOOKUP", (ints(0), T((2, 3), zero_point=1)), real)
    yield Refused("a zero point other than 0", shifted, by_tflm=True)
    tiny = one_op("EMBEDDING_LOOKUP", (ints(0), T((2, 3), scale=2.0**-127)), real)
    yield Refused("is a subnormal number", tiny)
    bare = one_op("EMBEDDING_LOOKUP", (ints(0), T((2, 3), scale=None)), real)
    yield Refused("needs one scale", bare)
    yield Refused("int16", lookup(ints(0), T((2, 3), "int16"), (1, 3)), by_tflm=True)


CASES = Cases(
    append,
    ranks=(2, 5),
    place=1,
    edges=edges,
    left_open=left_open,
    refused=refused,
    mend=mend,
)
