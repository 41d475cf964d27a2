"""GATHER: any axis and batch dimensions, indices constant or not, spaced evenly or not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

SAFE = 2
"""Every index below it is in range of the axes along which indices are not constant."""


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    axis = d.integer(0, len(x.shape) - 1)
    small = np.prod(x.shape[:axis]) < 1000
    batch = d.integer(0, axis) if small and d.chance(0.3) else 0
    inner = d.shape(d.integer(0, min(2, 6 - len(x.shape))), 4)
    shape, extent = (*x.shape[:batch], *inner), x.shape[axis]
    data: np.ndarray | None = d.rng.integers(0, extent, shape)
    if d.chance(0.3) and len(shape) == 1 and batch == 0 and extent < 100:
        step = d.pick((1, 2, -1)) if extent > 1 else 0
        data = np.arange(extent)[:: step or 1]
        shape = data.shape
    if extent >= SAFE and not d.tame and d.chance(0.4):
        data = None
    y = m.like(x, (*x.shape[:axis], *shape[batch:], *x.shape[axis + 1 :]))
    named = axis - len(x.shape) if d.chance(0.3) else axis
    count = batch - len(shape) if 0 < batch < len(shape) and d.chance(0.3) else batch
    indices = m.tensor(shape, "int32", data=data)
    m.op("GATHER", [x, indices], [y], axis=named, batch_dims=count)
    return y


def mend(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    return values % SAFE if place == 1 else values


def gather(x: T, indices: T, y: tuple[int, ...], **options: object) -> bytes:
    return one_op("GATHER", (x, indices), T(y, x.dtype), **options)


def edges() -> Iterator[Run]:
    rng = np.random.default_rng(1)
    shape = (3, 4, 5, 2)
    for dtype, axis in itertools.product(("int8", "float32"), range(4)):
        y = (*shape[:axis], 7, *shape[axis + 1 :])
        model = gather(T(shape, dtype), T((7,), "int32"), y, axis=axis)
        (_, (x, _)) = run_of(model)
        yield model, [x, rng.integers(0, shape[axis], 7).astype(np.int32)]
        scalar = (*shape[:axis], *shape[axis + 1 :])
        last = T((), "int32", data=shape[axis] - 1)
        yield run_of(gather(T(shape, dtype), last, scalar, axis=axis))
    batched = gather(T((2, 3, 4, 5)), T((2, 3, 2), "int32"), (2, 3, 2, 5), axis=2, batch_dims=2)
    (_, (x, _)) = run_of(batched)
    yield batched, [x, rng.integers(0, 4, (2, 3, 2)).astype(np.int32)]


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """Indices out of range."""
    x = np.arange(12, dtype=np.int8).reshape(4, 3)
    wild = np.array([-1, 4, 2, -(2**31), 2**31 - 1], np.int32)
    yield gather(T((4, 3)), T((5,), "int32"), (5, 3)), [x, wild], x[[0, 3, 2, 0, 3]]


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    yield Refused("Index 1 (tensor 1) has 2, expected 0 to 1", gather(x, ints(0, 2), (2, 3)))
    yield Refused("Index 0 (tensor 1) has -1", gather(x, ints(-1, 0), (2, 3)))
    yield Refused("Axis 2", gather(x, ints(0), (1, 3), axis=2), by_tflm=True)
    yield Refused("Axis -3", gather(x, ints(0), (1, 3), axis=-3), by_tflm=True)
    yield Refused("has 1 batch", gather(x, ints(0), (1, 3), batch_dims=1), by_tflm=True)
    pairs = T((3, 1), "int32", data=(0, 0, 0))
    yield Refused("has 1 batch", gather(x, pairs, (2, 1), axis=1, batch_dims=1), by_tflm=True)
    yield Refused("has -3 batch", gather(x, ints(0), (1, 3), batch_dims=-3), by_tflm=True)
    yield Refused("expected [1, 3]", gather(x, ints(0), (2, 3)))
    deep = gather(T((1,) * 5), T((1,) * 3, "int32", data=0), (1,) * 7)
    yield Refused("at most 6", deep)
    wide = gather(x, ints(0, dtype="int64"), (1, 3))
    yield Refused("int64", wide, by_tflm=True)
    yield Refused("int16", gather(T((2, 3), "int16"), ints(0), (1, 3)), by_tflm=True)


CASES = Cases(append, edges=edges, left_open=left_open, refused=refused, mend=mend)
