"""DEPTH_TO_SPACE: blocks of 1 to 3 rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import IMAGE, Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def made_of(shape: tuple[int, ...], b: int) -> tuple[int, ...]:
    n, h, w, c = shape
    return (n, h * b, w * b, c // (b * b))


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    blocks = [b for b in (1, 2, 3) if x.shape[3] % (b * b) == 0]
    block = d.pick(blocks)
    y = m.like(x, made_of(x.shape, block))
    m.op("DEPTH_TO_SPACE", [x], [y], block_size=block)
    return y


def blocks(x: T, block: int, y: T | None = None) -> bytes:
    made = y or T(made_of(x.shape, block), x.dtype)
    return one_op("DEPTH_TO_SPACE", (x,), made, block_size=block)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in ("int8", "float32"):
        for block in (1, 2, 3, 4):
            for batches, rows, columns, channels in ((1, 1, 1, 1), (2, 2, 3, 1), (1, 3, 2, 5)):
                shape = (batches, rows, columns, channels * block * block)
                yield run_of(blocks(T(shape, dtype), block), next(seed))


def refused() -> Iterator[Refused]:
    x = T((1, 2, 2, 12))
    yield Refused("blocks of 0 rows", blocks(x, 0, T((1, 2, 2, 12))), by_tflm=True)
    yield Refused("not made of blocks of 5 x 5", blocks(x, 5, T((1, 10, 10, 1))), by_tflm=True)
    yield Refused("expected [1, 4, 4, 3]", blocks(x, 2, T((1, 4, 4, 4))))
    flat = one_op("DEPTH_TO_SPACE", (T((2, 2, 12)),), T((4, 4, 3)), block_size=2)
    yield Refused("has 3 dimensions, expected 4", flat, by_tflm=True)
    yield Refused("int16", blocks(T((1, 2, 2, 4), "int16"), 2), by_tflm=True)
    yield Refused("supports int8", blocks(x, 2, T((1, 4, 4, 3), "float32")), by_tflm=True)


CASES = Cases(append, ranks=IMAGE, edges=edges, refused=refused)
