"""MEAN: any axes, extreme ratios of scales, a division that truncates."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Over some or all axes, named from the front or the back, in any order."""
    rank = len(x.shape)
    count = min(d.pick((1, 1, 1, 1, 2, 2, 3, 4)), rank)
    axes = [int(axis) for axis in d.rng.permutation(rank)[:count]]
    keep = d.chance(0.5)
    shape = [1 if axis in axes else n for axis, n in enumerate(x.shape) if keep or axis not in axes]
    scale = float32(x.scale / (d.power(-34, 20) if d.wild() else d.power(-1, 3)))
    y = m.tensor(shape, scale=scale, zero_point=d.zero_point())
    named = [axis - rank if d.chance(0.3) else axis for axis in axes]
    operand = m.tensor((count,) if count > 1 or d.chance(0.5) else (), "int32", data=named)
    m.op("MEAN", [x, operand], [y], keep_dims=keep)
    return y


def mean(
    shape: Sequence[int],
    axes: Sequence[int],
    keep_dims: bool = False,
    scales: tuple[float, float] = (0.1, 0.07),
    zero_points: tuple[int, int] = (-5, 9),
) -> bytes:
    averaged = {axis % len(shape) for axis in axes}
    kept = tuple(
        1 if axis in averaged else size
        for axis, size in enumerate(shape)
        if keep_dims or axis not in averaged
    )
    x = T(tuple(shape), scale=scales[0], zero_point=zero_points[0])
    y = T(kept, scale=scales[1], zero_point=zero_points[1])
    return one_op("MEAN", (x, ints(*axes)), y, keep_dims=keep_dims)


def any_axes() -> Iterator[bytes]:
    subsets = [
        axes
        for rank in (1, 3, 4, 6)
        for count in range(1, rank + 1)
        for axes in itertools.combinations(range(rank), count)
    ]
    shapes = {1: (7,), 3: (3, 1, 5), 4: (2, 5, 4, 3), 6: (2, 3, 2, 1, 3, 2)}
    for keep_dims in (False, True):
        for axes in subsets:
            for rank in shapes:
                if rank == min(r for r in shapes if r > axes[-1]):
                    yield mean(shapes[rank], axes, keep_dims)
    for named in ((2, 1), (-2, -3), (1, 1, -3), (0, -1, 3)):
        yield mean((2, 5, 4, 3), named)


def edges() -> Iterator[Run]:
    for seed, model in enumerate(any_axes()):
        yield run_of(model, seed)
    ratios = (2.0**-33, 2.0**-31, 2.0**-20, 1.0, 1.5, 2.0**10, 2.0**25, 2.0**29.5)
    for ratio, size, zero_point in itertools.product(ratios, (1, 2, 63, 64, 4096), (-128, 127)):
        scales = float(np.float32(0.5)), float(np.float32(0.5 / ratio))
        x = np.full((size, 3), [-128, 127, 0], np.int8)
        x[0, 2] = -zero_point - 1
        yield mean((size, 3), (0,), False, scales, (zero_point, -zero_point - 1)), [x]
    # 7/8/5 is 0.7/4: multiples of 5 lie on a tie that truncation moves
    yield run_of(mean((5, 4000), (0,), False, (0.875, 1.0), (0, 0)), 9)


def refused() -> Iterator[Refused]:
    x = T((2, 3))

    def made(axes: T, y: T, x: T = x, **options: object) -> bytes:
        return one_op("MEAN", (x, axes), y, **options)

    yield Refused("axes [2] of 2 dimensions", made(ints(2), T((2,))))
    yield Refused("axes [-3] of 2 dimensions", made(ints(-3), T((3,))))
    yield Refused("must be constant", made(T((1,), "int32"), T((2,))))
    yield Refused("int64", made(ints(1, dtype="int64"), T((2,))), by_tflm=True)
    yield Refused("expected [2]", made(ints(1), T((2, 1))))
    yield Refused("expected [2, 1]", made(ints(1), T((2,)), keep_dims=True))
    yield Refused("multiplies by 1.07374e+09", made(ints(1), T((2,), scale=2.0**-31)))
    yield Refused("supports int8", made(ints(1), T((2,), "int16"), T((2, 3), "int16")))
    yield Refused("at most 6", made(ints(0), T((1,) * 6), T((1,) * 7)))
    yield Refused("MEAN of 8388608 elements", made(ints(0), T((2,)), T((1 << 23, 2))))


CASES = Cases(append, (1, 4), edges=edges, refused=refused)
