"""DYNAMIC_UPDATE_SLICE: windows anywhere, also where they would not be inside."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """The start is often one that has to be clamped."""
    size = [d.integer(1, extent) for extent in x.shape]
    start = [d.integer(-2, extent + 1) for extent in x.shape]
    quant = {"scale": x.scale or None, "zero_point": x.zero_point}
    data = d.values(size, x.dtype) if d.tame or d.chance(0.3) else None
    update = m.tensor(size, x.dtype, **quant, data=data)
    known = d.tame or d.chance(0.3)
    kind = d.pick(("int32", "int64"))
    operand = m.tensor((len(start),), kind, data=start if known else None)
    y = m.like(x, x.shape)
    m.op("DYNAMIC_UPDATE_SLICE", [x, update, operand], [y])
    return y


def mend(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """Starts near the tensor; of others TFLM's clamp is as right."""
    return values % 9 - 2 if place == 2 else values


def update(x: T, window: T, start: T, y: Sequence[int] | None = None) -> bytes:
    made = T(x.shape if y is None else tuple(y), x.dtype)
    return one_op("DYNAMIC_UPDATE_SLICE", (x, window, start), made)


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype, kind in itertools.product(("int8", "int16", "int32", "float32"), ("int32", "int64")):
        for start in ((0, 0), (2, 2), (1, 3), (-9, 9), (2**31 - 1, -(2**31))):
            model = update(T((4, 5), dtype), T((2, 3), dtype), T((2,), kind))
            (_, (x, window, _)) = run_of(model, next(seed))
            yield model, [x, window, np.array(start, kind)]
        whole = update(T((4, 5), dtype), T((4, 5), dtype), ints(1, 1, dtype=kind))
        yield run_of(whole, next(seed))
    shape = (2, 3, 2, 1, 2, 3)
    yield run_of(update(T(shape), T((1, 2, 1, 1, 2, 2)), ints(*(1,) * 6)))


def refused() -> Iterator[Refused]:
    x, window, start = T((2, 3)), T((1, 2)), ints(0, 0)
    yield Refused("is larger than [2, 3]", update(x, T((1, 4)), start), by_tflm=True)
    yield Refused("expected [2]", update(x, window, ints(0)))
    yield Refused("has 1 dimensions, expected 2", update(x, T((2,)), start))
    yield Refused("are int16", update(x, window, ints(0, 0, dtype="int16")), by_tflm=True)
    yield Refused("expected [2, 3]", update(x, window, start, (3, 2)))
    seven = (1,) * 7
    yield Refused("1 to 6", update(T(seven), T(seven), ints(*(0,) * 7)))
    yield Refused("supports int8", update(x, T((1, 2), "int16"), start), by_tflm=True)
    yield Refused("int64", update(T((2, 3), "int64"), T((1, 2), "int64"), start), by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused, mend=mend)
