"""UNPACK: any axis, one part or many."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, several_outputs


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    axis = d.integer(0, len(x.shape) - 1)
    ys = [m.like(x, [*x.shape[:axis], *x.shape[axis + 1 :]]) for _ in range(x.shape[axis])]
    named = axis - len(x.shape) if d.chance(0.3) else axis
    m.op("UNPACK", [x], ys, num=len(ys), axis=named)
    return d.pick(ys)


def unpack(x: T, y: T, parts: int, **options: object) -> bytes:
    ys = [T(y.shape, y.dtype, y.scale, y.zero_point) for _ in range(parts)]
    return several_outputs("UNPACK", [x], ys, **{"num": parts, **options})


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in ("int8", "int16", "int32", "float32"):
        for rank in range(1, 6):
            shape = (2, 3, 1, 4, 2)[:rank]
            for axis in range(-rank, rank):
                at = axis % rank
                y = T((*shape[:at], *shape[at + 1 :]), dtype)
                yield run_of(unpack(T(shape, dtype), y, shape[at], axis=axis), next(seed))


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    yield Refused("expected [3]", unpack(x, T((2,)), 2))
    yield Refused("UNPACK of 2 along axis 0 has 3 outputs", unpack(x, T((3,)), 3))
    yield Refused("has 2 outputs, and 3 by its option", unpack(x, T((3,)), 2, num=3))
    yield Refused("Axis 2", unpack(x, T((3,)), 2, axis=2))
    yield Refused("Axis -3", unpack(x, T((3,)), 2, axis=-3))
    mixed = unpack(x, T((3,), "int16"), 2)
    yield Refused("supports int8", mixed)
    boolean = unpack(T((2, 3), "bool"), T((3,), "bool"), 2)
    yield Refused("bool", boolean, by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
