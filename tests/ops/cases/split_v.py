"""SPLIT_V: any axis, parts of any sizes, the rest for one of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, several_outputs


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    axis = d.integer(0, len(x.shape) - 1)
    extent = x.shape[axis]
    cuts = sorted({d.integer(1, extent) for _ in range(d.integer(0, 3))} | {extent})
    sizes = [end - begin for begin, end in zip((0, *cuts), cuts, strict=False)]
    ys = [m.like(x, [*x.shape[:axis], size, *x.shape[axis + 1 :]]) for size in sizes]
    written = [*sizes]
    if d.chance(0.3):
        written[d.integer(0, len(sizes) - 1)] = -1
    named = axis - len(x.shape) if d.chance(0.3) else axis
    operands = [
        m.tensor((len(sizes),), d.pick(("int32", "int64")), data=written),
        m.tensor((1,) if d.chance(0.3) else (), "int32", data=named),
    ]
    m.op("SPLIT_V", [x, *operands], ys, num_splits=len(sizes))
    return d.pick(ys)


def split_v(x: T, sizes: T, axis: object, along: Sequence[int], at: int) -> bytes:
    """Outputs of the sizes ``along`` the dimension ``at``."""
    operand = axis if isinstance(axis, T) else T((), "int32", data=axis)
    ys = [
        T((*x.shape[:at], size, *x.shape[at + 1 :]), x.dtype, x.scale, x.zero_point)
        for size in along
    ]
    return several_outputs("SPLIT_V", [x, sizes, operand], ys, num_splits=len(along))


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in ("int8", "int16", "int32", "float32"):
        for rank in range(1, 6):
            shape = tuple([3, 4, 6, 5, 3][:rank])
            for axis in range(-rank, rank):
                at = axis % rank
                along = (1, shape[at] - 1)
                model = split_v(T(shape, dtype), ints(*along), axis, along, at)
                yield run_of(model, next(seed))


def refused() -> Iterator[Refused]:
    x = T((2, 4))

    def made(sizes: T, along: Sequence[int], axis: object = 1, x: T = x) -> bytes:
        return split_v(x, sizes, axis, along, 1)

    yield Refused("add up to 4", made(ints(1, 2), (1, 2)))
    yield Refused("expected 2 numbers", made(ints(1, 2, 1), (1, 3)))
    yield Refused("from 1 on", made(ints(0, 4), (1, 3)))
    yield Refused("from 1 on", made(ints(-1, -1), (1, 3)))
    yield Refused("from 1 on", made(ints(4, -1), (3, 1)))
    yield Refused("expected [2, 1]", made(ints(1, 3), (3, 1)))
    yield Refused("sizes (tensor 1) must be constant", made(T((2,), "int32"), (1, 3)))
    float_sizes = T((2,), "float32", data=(1, 3))
    yield Refused("are float32, expected int32 or int64", made(float_sizes, (1, 3)))
    yield Refused("axis (tensor 2) must be", made(ints(1, 3), (1, 3), T((), "int32")), by_tflm=True)
    yield Refused("[2], expected one number", made(ints(1, 3), (1, 3), 2), by_tflm=True)
    yield Refused("supports int8 or", made(ints(1, 3), (1, 3), 1, T((2, 4), "bool")), by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
