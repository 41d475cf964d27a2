"""BATCH_MATMUL: either operand transposed, batches of both ranks broadcast, constants on a side."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, one_op

CODE = "BATCH_MATMUL"


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Times another model input or a constant whose batches broadcast with those of ``x``."""
    adjoint = d.chance(0.4), d.chance(0.4)
    rows, depth = x.shape[-1:-3:-1] if adjoint[0] else x.shape[-2:]
    columns = d.extent(6)
    batches = [1 if d.chance(0.3) else size for size in x.shape[:-2]]
    batches = batches[d.integer(0, len(batches)) :]
    matrix = (columns, depth) if adjoint[1] else (depth, columns)
    other = (*batches, *matrix)
    constant = d.values(other, x.dtype) if d.chance(0.4) else None
    shape = (*x.shape[:-2], rows, columns)
    if x.dtype == "float32":
        w, y = m.tensor(other, x.dtype, data=constant), m.tensor(shape, x.dtype)
    else:
        scale, zero_point = d.scale(), d.zero_point(x.dtype)
        w = m.tensor(other, x.dtype, scale=scale, zero_point=zero_point, data=constant)
        step = 74 if x.dtype == "int8" else 19_000
        usual = d.power(-34, 4) if d.wild() else d.power(-1, 1) / step / np.sqrt(depth)
        limit = 2.0**29 / (depth * 2.0 ** (16 if x.dtype == "int8" else 30))
        scale = float32(max(x.scale * scale / min(usual, max(limit, 2.0**-34)), 1e-30))
        y = m.tensor(shape, x.dtype, scale=scale, zero_point=d.zero_point(x.dtype))
    m.op(CODE, [x, w], [y], adj_x=adjoint[0], adj_y=adjoint[1])
    return y


def product(
    left: tuple[int, ...],
    right: tuple[int, ...],
    output: tuple[int, ...],
    dtype: str = "int8",
    scales: tuple[float, float, float] = (0.1, 0.1, 1.0),
    **options: object,
) -> bytes:
    x, w, y = (
        T(shape, dtype, scale) for shape, scale in zip((left, right, output), scales, strict=True)
    )
    return one_op(CODE, (x, w), y, **options)


PAIRS = (
    ((3, 4), (4, 2)),
    ((2, 3, 4), (4, 2)),
    ((3, 4), (2, 4, 2)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((1, 5, 3, 4), (2, 1, 4, 2)),
    ((2, 3, 2, 3, 4), (2, 3, 2, 4, 2)),
    ((2, 1, 2, 3, 4), (1, 3, 1, 4, 2)),
    ((2, 1, 2, 3, 4), (3, 1, 4, 2)),
)


def edges() -> Iterator[Run]:
    for seed, (dtype, (left, right), x, y) in enumerate(
        itertools.product(("int8", "int16", "float32"), PAIRS, (False, True), (False, True))
    ):
        batches = np.broadcast_shapes(left[:-2], right[:-2])
        shapes = (
            (*left[:-2], *left[:-3:-1]) if x else left,
            (*right[:-2], *right[:-3:-1]) if y else right,
        )
        yield run_of(product(*shapes, (*batches, 3, 2), dtype, adj_x=x, adj_y=y), seed)


def refused() -> Iterator[Refused]:
    yield Refused("1 dimensions, expected 2 to 5", product((4,), (4, 2), (2,)), by_tflm=True)
    six = (1, 1, 1, 1, 3, 4)
    yield Refused("6 dimensions, expected 2 to 5", product(six, (4, 2), (*six[:4], 3, 2)))
    yield Refused("cannot be multiplied", product((3, 4), (3, 2), (3, 2)), by_tflm=True)
    batches = product((2, 3, 4), (3, 4, 2), (2, 3, 2))
    yield Refused("do not broadcast", batches, by_tflm=True)
    yield Refused("expected [3, 2]", product((3, 4), (4, 2), (2, 3)))
    deep = product((1, 1 << 17), (1 << 17, 1), (1, 1))
    yield Refused("Sums of 131072 products can reach 2147483648", deep)
    wide = product((1, 1 << 17), (1 << 17, 1), (1, 1), "int16")
    yield Refused("more than 140737488355327", wide)
    yield Refused("multiplies by", product((3, 4), (4, 2), (3, 2), scales=(1e9, 1e9, 1e-9)))
    yield Refused("the 2**7", product((3, 4), (4, 2), (3, 2), "int16", (16.0, 8.0, 0.5)))
    for place in range(3):
        points = [
            T(s, "int16", 1.0, int(k == place)) for k, s in enumerate(((3, 4), (4, 2), (3, 2)))
        ]
        model = one_op(CODE, points[:2], points[2])
        yield Refused("int16 with a zero point other than 0", model, by_tflm=True)
    per_channel = T((4, 2), scale=(0.1, 0.2), data=np.ones((4, 2)), axis=1)
    yield Refused("needs one scale", one_op(CODE, (T((3, 4)), per_channel), T((3, 2))))


def counted() -> Iterator[tuple[bytes, int]]:
    yield product((5, 3, 4), (4, 2), (5, 3, 2)), 5 * 3 * 4 * 2


CASES = Cases(append, (2, 5), edges=edges, refused=refused, counted=counted)
