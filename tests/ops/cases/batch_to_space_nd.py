"""BATCH_TO_SPACE_ND: blocks and borders of all sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op

Pairs = Sequence[tuple[int, int]]


def made_of(shape: Sequence[int], block: Sequence[int], borders: Pairs) -> tuple[int, ...]:
    batches, *rest = shape
    sizes = []
    for size, b, pair in zip(rest, block, borders, strict=False):
        sizes.append(size * b - sum(pair))
        batches //= b
    return (batches, *sizes, shape[-1])


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Blocks by what divides the batches."""
    block, borders, rest = [], [], x.shape[0]
    for size in x.shape[1:-1]:
        b = d.pick([n for n in range(1, min(rest, 64) + 1) if rest % n == 0])
        rest //= b
        before = d.integer(0, size * b - 1) if d.chance(0.5) else 0
        after = d.integer(0, size * b - 1 - before) if d.chance(0.5) else 0
        block.append(b)
        borders.append((before, after))
    y = m.like(x, made_of(x.shape, block, borders))
    operands = [
        m.tensor((len(block),), "int32", data=block),
        m.tensor((len(block), 2), "int32", data=borders),
    ]
    m.op("BATCH_TO_SPACE_ND", [x, *operands], [y])
    return y


def image(x: T, block: Sequence[int], borders: Pairs, y: T | None = None) -> bytes:
    operands = T((len(block),), "int32", data=block), T((len(block), 2), "int32", data=borders)
    made = y or T(made_of(x.shape, block, borders), x.dtype)
    return one_op("BATCH_TO_SPACE_ND", (x, *operands), made)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in ("int8", "float32"):
        for block, before, after in itertools.product((1, 2, 3), range(4), range(4)):
            if 4 * block > before + after:
                x = T((2 * block, 4, 3), dtype)
                yield run_of(image(x, (block,), [(before, after)]), next(seed))
                x = T((2 * block, 4, 2, 3), dtype)
                yield run_of(image(x, (block, 2), [(before, after), (1, 1)]), next(seed))


def refused() -> Iterator[Refused]:
    x = T((4, 2, 2, 3))
    none = ((0, 0), (0, 0))
    yield Refused("are not 2 blocks of 2", image(x, (2, 2), none, T((1, 5, 4, 3))))
    yield Refused("no block below 1", image(x, (0, 2), none, T((2, 2, 4, 3))))
    yield Refused("no border below 0", image(x, (2, 2), ((-1, 0), (0, 0)), T((1, 5, 4, 3))))
    yield Refused("expected [12, 2, 2, 3]", image(x, (2, 2), none, T((3, 4, 4, 3))))
    flat = image(T((1, 2, 2, 2, 1)), (1,) * 3, ((0, 0),) * 3, T((1, 2, 2, 2, 1)))
    yield Refused("3 to 4", flat)
    yield Refused("int16", image(T((4, 2, 2, 3), "int16"), (2, 2), none), by_tflm=True)


CASES = Cases(append, ranks=(3, 4), edges=edges, refused=refused)
