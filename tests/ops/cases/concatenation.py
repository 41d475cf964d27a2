"""CONCATENATION: any axis, the same tensor twice, ten inputs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor, others: Sequence[Tensor] = ()) -> Tensor:
    """``x`` with ``others``, or with new tensors, ``x`` again or constants; any axis, any order."""
    axis = d.integer(0, len(x.shape) - 1)
    parts = [x, *others]
    for _ in range(0 if others else d.integer(0, 4)):
        if d.chance(0.15):
            parts.append(x)
            continue
        shape = [d.extent(5) if i == axis else n for i, n in enumerate(x.shape)]
        data = d.values(shape, x.dtype) if d.tame or d.chance(0.2) else None
        quant = {"scale": x.scale or None, "zero_point": x.zero_point}
        parts.append(m.tensor(shape, x.dtype, **quant, data=data))
    parts = [parts[i] for i in d.rng.permutation(len(parts))]
    total = sum(part.shape[axis] for part in parts)
    y = m.like(x, [total if i == axis else n for i, n in enumerate(x.shape)])
    m.op("CONCATENATION", parts, [y], axis=axis - len(x.shape) if d.chance(0.3) else axis)
    return y


def concatenation(shapes: Sequence[Sequence[int]], axis: int, dtype: str, twice: bool) -> bytes:
    """Inputs of ``shapes``, the last one constant, the first once more at the end if ``twice``."""
    last = np.random.default_rng(5).integers(-100, 100, shapes[-1])
    xs = [T(tuple(shape), dtype) for shape in shapes[:-1]]
    xs += [T(tuple(shapes[-1]), dtype, data=last), *xs[:1] * twice]
    y = list(xs[0].shape)
    y[axis] = sum(x.shape[axis] for x in xs)
    return one_op("CONCATENATION", xs, T(tuple(y), dtype), axis=axis)


def edges() -> Iterator[Run]:
    for dtype in ("int8", "int16", "int32", "float32"):
        seed = itertools.count()
        for rank, twice in itertools.product(range(1, 7), (False, True)):
            shape = [2, 3, 1, 2, 2, 3][:rank]
            for axis in range(-rank, rank):
                shapes = [[*shape] for _ in range(3)]
                for size, other in enumerate(shapes, 1):
                    other[axis] = size
                yield run_of(concatenation(shapes, axis, dtype, twice), next(seed))
        yield run_of(concatenation([[2, 1]] * 10, 1, dtype, False), next(seed))
    x = T((2, 3), scale=None)
    yield run_of(one_op("CONCATENATION", (x, x), T((4, 3), scale=None)))


def refused() -> Iterator[Refused]:
    x = T((2, 3))

    def made(xs: Sequence[T], y: T, **options: object) -> bytes:
        return one_op("CONCATENATION", xs, y, **options)

    yield Refused("same scale", made((x, x), T((4, 3), scale=0.25)), by_tflm=True)
    yield Refused("needs one scale", made((x, x), T((4, 3), scale=None)))
    moved = made((x, x), T((4, 3), zero_point=1))
    yield Refused("same scale and zero point", moved, by_tflm=True)
    yield Refused("takes at most 10 inputs", made((x,) * 11, T((22, 3))), by_tflm=True)
    mixed = made((x, T((2, 3), "int16")), T((4, 3)))
    yield Refused("supports int8", mixed, by_tflm=True)
    yield Refused("has shape [2, 4], expected [2, 3]", made((x, T((2, 4))), T((4, 3))))
    yield Refused("has 3 dimensions, expected 2", made((x, T((2, 3, 1))), T((4, 3))))
    yield Refused("has shape [5, 3], expected [4, 3]", made((x, x), T((5, 3))))
    yield Refused("Axis 2", made((x, x), T((4, 3)), axis=2))
    yield Refused("Axis -3", made((x, x), T((4, 3)), axis=-3))
    rank_7 = T((1,) * 7)
    yield Refused("at most 6", made((rank_7,), T((1,) * 7)), by_tflm=True)
    yield Refused("uint8", made((T((2,), "uint8"),), T((2,), "uint8")), by_tflm=True)
    point = made((T((2,), "int16", zero_point=1),), T((2,), "int16"))
    yield Refused("zero point", point, by_tflm=True)
    relu = made((x, x), T((4, 3)), fused_activation_function="RELU")
    yield Refused("fused activation 1", relu, by_tflm=True)


CASES = Cases(append, join=append, edges=edges, refused=refused)
