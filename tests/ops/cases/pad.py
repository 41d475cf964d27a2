"""PAD: raw values moved, the zero point of the output around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Each side by up to 3; of images often the middle two dimensions only."""
    image = len(x.shape) == 4 and d.chance(0.5)
    margins = [
        (0, 0) if image and axis in (0, 3) else (d.pick((0, 0, 1, 2, 3)), d.pick((0, 0, 1, 2, 3)))
        for axis in range(len(x.shape))
    ]
    y = m.like(x, [n + sum(margin) for n, margin in zip(x.shape, margins, strict=True)])
    m.op("PAD", [x, m.tensor((len(margins), 2), "int32", data=margins)], [y])
    return y


SIDES = (
    ((3,), [(2, 1)]),
    ((2, 3), [(0, 0), (0, 0)]),
    ((2, 3, 4), [(0, 2), (1, 0), (0, 0)]),
    ((1, 4, 4, 3), [(0, 0), (1, 1), (1, 1), (0, 0)]),
    ((1, 4, 4, 3), [(1, 0), (0, 1), (1, 0), (0, 2)]),
    ((2, 1, 2, 1, 2), [(1, 1), (1, 2), (2, 1), (1, 1), (3, 1)]),
)


def pad(x: T, sides: Sequence[tuple[int, int]], y: T | None = None) -> bytes:
    shape = tuple(sum(pair, size) for size, pair in zip(x.shape, sides, strict=True))
    table = T((len(sides), 2), "int32", data=sides)
    return one_op("PAD", (x, table), y or T(shape, x.dtype, x.scale, x.zero_point))


def edges() -> Iterator[Run]:
    for dtype in ("int8", "int16", "int32", "float32"):
        for seed, (shape, sides) in enumerate(SIDES):
            yield run_of(
                pad(T(shape, dtype, zero_point=0 if dtype == "int16" else -3), sides), seed
            )
    for dtype, before, after in (("int8", 4, -9), ("int16", 0, 0), ("int16", 5, 6)):
        x, y = T((2, 3), dtype, 0.5, before), T((4, 5), dtype, 0.25, after)
        yield run_of(pad(x, ((1, 1), (2, 0)), y))
    for scale in (0.5, None):
        yield run_of(pad(T((2, 3), scale=scale), ((1, 1), (2, 0)), T((4, 5), scale=None)))


def refused() -> Iterator[Refused]:
    x, (one, six) = T((2,)), (T((1, 2), "int32", data=(1, 1)), T((1,) * 6))
    negative = T((1, 2), "int32", data=(-1, 2))
    yield Refused("negative", one_op("PAD", (x, negative), T((3,))))
    yield Refused("expected [4]", one_op("PAD", (x, one), T((5,))), by_tflm=True)
    image = one_op("PAD", (T((2, 3)), one), T((2, 5)))
    yield Refused("expected [2, 2]", image, by_tflm=True)
    open_ = one_op("PAD", (x, T((1, 2), "int32")), T((4,)))
    yield Refused("must be constant", open_, by_tflm=True)
    wide = T((1, 2), "int64", data=(1, 1))
    yield Refused("int64", one_op("PAD", (x, wide), T((4,))))
    zeros = T((6, 2), "int32", data=(0,) * 12)
    yield Refused("at most 5", one_op("PAD", (six, zeros), T((1,) * 6)), by_tflm=True)
    uint8 = one_op("PAD", (T((2,), "uint8"), one), T((4,), "uint8"))
    yield Refused("uint8", uint8, by_tflm=True)
    several = T((4,), scale=(0.5, 1.0, 1.5, 2.0))
    yield Refused("has 4", one_op("PAD", (x, one), several))


CASES = Cases(append, edges=edges, refused=refused)
