"""SPACE_TO_BATCH_ND: blocks of all sizes; borders, which TFLM leaves to chance."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op

Pairs = Sequence[tuple[int, int]]


def made_of(shape: Sequence[int], block: Sequence[int], borders: Pairs) -> tuple[int, ...]:
    batches, *rest = shape
    sizes = []
    for size, b, pair in zip(rest, block, borders, strict=False):
        sizes.append((size + sum(pair)) // b)
        batches *= b
    return (batches, *sizes, shape[-1])


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Blocks by what divides the rows and columns."""
    block = [d.pick([b for b in range(1, min(n, 64) + 1) if n % b == 0]) for n in x.shape[1:-1]]
    borders = [(0, 0)] * len(block)
    y = m.like(x, made_of(x.shape, block, borders))
    operands = [
        m.tensor((len(block),), "int32", data=block),
        m.tensor((len(block), 2), "int32", data=borders),
    ]
    m.op("SPACE_TO_BATCH_ND", [x, *operands], [y])
    return y


def batches(x: T, block: Sequence[int], borders: Pairs, y: T | None = None) -> bytes:
    operands = T((len(block),), "int32", data=block), T((len(block), 2), "int32", data=borders)
    made = y or T(made_of(x.shape, block, borders), x.dtype, x.scale, x.zero_point)
    return one_op("SPACE_TO_BATCH_ND", (x, *operands), made)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in ("int8", "float32"):
        for block, other in itertools.product((1, 2, 3), (1, 2, 5)):
            x = T((2, 2 * block, 3), dtype, zero_point=7)
            yield run_of(batches(x, (block,), [(0, 0)]), next(seed))
            x = T((3, 3 * block, 2 * other, 2), dtype, zero_point=7)
            yield run_of(batches(x, (block, other), [(0, 0)] * 2), next(seed))


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """Borders, of zero points: pixel by pixel."""
    rng = np.random.default_rng(8)
    for dtype, (rows, columns) in itertools.product(("int8", "float32"), ((1, 2), (2, 3), (3, 1))):
        x = T((2, 5, 4, 3), dtype, zero_point=7)
        value = 7 if dtype == "int8" else 0
        top, left = rng.integers(0, 4, 2)
        borders = [(top, -(5 + top) % rows), (left, -(4 + left) % columns)]
        given = rng.integers(-100, 100, x.shape).astype(dtype)
        made = np.full(made_of(x.shape, (rows, columns), borders), value, dtype)
        for n, i, j in np.ndindex(2, 5, 4):
            row, column = i + top, j + left
            batch = (row % rows * columns + column % columns) * 2 + n
            made[batch, row // rows, column // columns] = given[n, i, j]
        yield batches(x, (rows, columns), borders), [given], made


def refused() -> Iterator[Refused]:
    x = T((1, 4, 4, 3))
    none = ((0, 0), (0, 0))
    border = batches(T(x.shape, scale=None), (2, 2), ((1, 1), (0, 0)))
    yield Refused("has 0", border)
    yield Refused("are not 1 blocks of 3", batches(x, (3, 2), none))
    yield Refused("no block below 1", batches(x, (0, 2), none, T((1, 4, 2, 3))))
    below = ((-1, 1), (0, 0))
    yield Refused("no border below 0", batches(x, (2, 2), below, T((4, 2, 2, 3))))
    yield Refused("expected [4, 2, 2, 3]", batches(x, (2, 2), none, T((1, 2, 2, 3))))
    open_ = T((2,), "int32"), T((2, 2), "int32", data=none)
    made = one_op("SPACE_TO_BATCH_ND", (x, *open_), T((4, 2, 2, 3)))
    yield Refused("block shape (tensor 1) must be constant", made)
    open_ = T((2,), "int32", data=(2, 2)), T((2, 2), "int32")
    made = one_op("SPACE_TO_BATCH_ND", (x, *open_), T((4, 2, 2, 3)))
    yield Refused("borders (tensor 2) must be constant", made)
    yield Refused("expected [2]", batches(x, (2,), ((0, 0),), T((2, 2, 4, 3))))
    pairs = T((2,), "int32", data=(2, 2)), T((1, 2), "int32", data=((0, 0),))
    made = one_op("SPACE_TO_BATCH_ND", (x, *pairs), T((4, 2, 2, 3)))
    yield Refused("expected [2, 2]", made)
    flat = batches(T((1, 2, 2, 2, 1)), (1,) * 3, ((0, 0),) * 3, T((1, 2, 2, 2, 1)))
    yield Refused("3 to 4", flat)
    rank = batches(x, (2, 2), none, T((4, 2, 6)))
    yield Refused("has 3 dimensions, expected 4", rank)
    yield Refused("int16", batches(T((1, 4, 4, 3), "int16"), (2, 2), none), by_tflm=True)


CASES = Cases(append, ranks=(3, 4), edges=edges, left_open=left_open, refused=refused)
