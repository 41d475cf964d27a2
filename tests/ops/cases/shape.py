"""SHAPE: of tensors of every type and number of dimensions."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op

DTYPES = ("int8", "int16", "int32", "int64", "float32", "bool", "uint8")


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor((len(x.shape),), "int32")
    m.op("SHAPE", [x], [y])
    return y


def edges() -> Iterator[Run]:
    for dtype in DTYPES:
        for rank in range(1, 7):
            y = T((rank,), "int32")
            yield run_of(one_op("SHAPE", (T((2, 3, 1, 4, 2, 3)[:rank], dtype),), y))


def refused() -> Iterator[Refused]:
    yield Refused("expected [2]", one_op("SHAPE", (T((2, 3)),), T((3,), "int32")))
    yield Refused("of a scalar", one_op("SHAPE", (T(()),), T((1,), "int32")))
    typed = one_op("SHAPE", (T((2, 3)),), T((2,), "int32"), out_type="INT64")
    yield Refused("output type 4", typed)
    int64 = one_op("SHAPE", (T((2, 3)),), T((2,), "int64"))
    yield Refused("supports int32 here", int64, by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
