"""PACK: any axis, one tensor or many, the same twice, constants among them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    axis = d.integer(0, len(x.shape))
    parts = [x]
    for _ in range(d.integer(0, 4)):
        data = d.values(x.shape, x.dtype) if d.tame or d.chance(0.2) else None
        quant = {"scale": x.scale or None, "zero_point": x.zero_point}
        parts.append(x if d.chance(0.2) else m.tensor(x.shape, x.dtype, **quant, data=data))
    parts = [parts[i] for i in d.rng.permutation(len(parts))]
    y = m.like(x, [*x.shape[:axis], len(parts), *x.shape[axis:]])
    named = axis - len(y.shape) if d.chance(0.3) else axis
    m.op("PACK", parts, [y], values_count=len(parts), axis=named)
    return y


def pack(xs: Sequence[T], y: T, **options: object) -> bytes:
    return one_op("PACK", xs, y, **{"values_count": len(xs), **options})


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in ("int8", "int16", "int32", "int64", "float32"):
        for rank in range(5):
            shape = (2, 3, 1, 4, 2)[:rank]
            for axis in range(-rank - 1, rank + 1):
                at = axis % (rank + 1)
                y = T((*shape[:at], 3, *shape[at:]), dtype)
                yield run_of(pack([T(shape, dtype) for _ in range(3)], y, axis=axis), next(seed))
    x = T((2,), scale=0.5, zero_point=3)
    yield run_of(pack([x] * 12, T((12, 2), scale=0.25)), next(seed))


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    yield Refused("expected [2, 2, 3]", pack((x, x), T((3, 2, 3))))
    yield Refused("has shape [2, 4], expected [2, 3]", pack((x, T((2, 4))), T((2, 2, 3))))
    yield Refused("Axis 3", pack((x, x), T((2, 3, 2)), axis=3))
    yield Refused("Axis -4", pack((x, x), T((2, 2, 3)), axis=-4))
    counted = pack((x, x), T((2, 2, 3)), values_count=3)
    yield Refused("PACK of 3 tensors, says its option", counted, by_tflm=True)
    six = (1,) * 6
    yield Refused("at most 5", pack((T(six),), T((1, *six))))
    mixed = pack((x, T((2, 3), "int16")), T((2, 2, 3)))
    yield Refused("supports int8", mixed)
    yield Refused("bool", pack((T((2,), "bool"),), T((1, 2), "bool")), by_tflm=True)


CASES = Cases(append, ranks=(1, 4), edges=edges, refused=refused)
