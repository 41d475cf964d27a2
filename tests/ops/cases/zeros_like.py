"""ZEROS_LIKE: zeros, whatever the zero point."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.like(x, x.shape)
    m.op("ZEROS_LIKE", [x], [y])
    return y


def edges() -> Iterator[Run]:
    for dtype in ("int8", "int32", "int64", "float32"):
        for shape in ((), (1,), (2, 3), (2, 1, 2, 1, 2, 3)):
            x = T(shape, dtype, 0.5, 3)
            yield run_of(one_op("ZEROS_LIKE", (x,), T(shape, dtype, 0.5, 3)))


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    yield Refused("expected [2, 3]", one_op("ZEROS_LIKE", (x,), T((3, 2))))
    int16 = one_op("ZEROS_LIKE", (T((2,), "int16"),), T((2,), "int16"))
    yield Refused("int16", int16, by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
