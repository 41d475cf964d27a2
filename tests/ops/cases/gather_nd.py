"""GATHER_ND: one number to as many as there are dimensions, constant or not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

SAFE = 2
"""Every number below it is in range of the dimensions for which it is not constant."""


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    depth = d.integer(1, len(x.shape))
    shape = (*d.shape(d.integer(0, 2), 5), depth)
    data: np.ndarray | None = d.rng.integers(0, x.shape[:depth], shape)
    if min(x.shape[:depth]) >= SAFE and not d.tame and d.chance(0.5):
        data = None
    y = m.like(x, (*shape[:-1], *x.shape[depth:]))
    m.op("GATHER_ND", [x, m.tensor(shape, "int32", data=data)], [y])
    return y


def mend(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    return values % SAFE if place == 1 else values


def gather_nd(x: T, indices: T, y: tuple[int, ...]) -> bytes:
    return one_op("GATHER_ND", (x, indices), T(y, x.dtype))


def edges() -> Iterator[Run]:
    rng = np.random.default_rng(1)
    shape = (3, 4, 1, 5, 2)
    for dtype in ("int8", "float32"):
        for depth in range(1, 6):
            model = gather_nd(T(shape, dtype), T((6, depth), "int32"), (6, *shape[depth:]))
            (_, (x, _)) = run_of(model)
            yield model, [x, rng.integers(0, shape[:depth], (6, depth)).astype(np.int32)]


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """Numbers out of range."""
    x = np.arange(12, dtype=np.int8).reshape(4, 3)
    wild = np.array([[-1, 3], [4, -7], [2**31 - 1, 1], [-(2**31), 2**31 - 1]], np.int32)
    model = gather_nd(T((4, 3)), T((4, 2), "int32"), (4,))
    yield model, [x, wild], x[[0, 3, 3, 0], [2, 0, 1, 2]]


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    one = T((1, 2), "int32", data=(1, 3))
    yield Refused("Index 0 (tensor 1) has 3, expected 0 to 2", gather_nd(x, one, (1,)))
    one = T((1, 1), "int32", data=-1)
    yield Refused("has -1, expected 0 to 1", gather_nd(x, one, (1, 3)), by_tflm=True)
    yield Refused("expected at most 2", gather_nd(x, ints(0, 0, 0), ()), by_tflm=True)
    yield Refused("expected at most 5", gather_nd(T((1,) * 6), ints(*(0,) * 6), ()), by_tflm=True)
    yield Refused("are a scalar", gather_nd(x, T((), "int32", data=0), (3,)), by_tflm=True)
    yield Refused("expected [1, 3]", gather_nd(x, T((1, 1), "int32", data=0), (2, 3)))
    wide = gather_nd(x, ints(0, dtype="int64"), (3,))
    yield Refused("int64", wide, by_tflm=True)
    yield Refused("int16", gather_nd(T((2, 3), "int16"), ints(0), (3,)), by_tflm=True)


CASES = Cases(append, edges=edges, left_open=left_open, refused=refused, mend=mend)
