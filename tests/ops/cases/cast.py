"""CAST: every pair of types; floats beyond the limits of integers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op

TYPES = ("int8", "int16", "int32", "uint32", "float32", "bool")

FLOATS = np.array(
    [
        *(0.0, -0.0, 0.5, -0.5, 0.99, -0.99, 1.5, -1.5, 1e-45, 127.9, 128, -128.9, -129, 300),
        *(32767.5, 32768, -32768.5, -32769, 2147483520, 2147483648, -2147483648, -2147483904),
        *(4294967040, 4294967296, 1e20, -1e20, np.inf, -np.inf, np.nan, -np.nan),
    ],
    np.float32,
)


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """To any type; to one of 8 and 16 bits often with a scale, which does not matter."""
    y = d.activations(m, x.shape, d.pick(TYPES))
    m.op("CAST", [x], [y])
    return y


def edges() -> Iterator[Run]:
    """The wheel of TFLM saturates floats, although C does not say so."""
    for dtype in TYPES:
        x, y = T(FLOATS.shape, "float32"), T(FLOATS.shape, dtype)
        yield one_op("CAST", (x,), y), [FLOATS]
    ends = np.array([0, 1, 127, 128, 255, 256, 2**24 + 1, 2**31 - 1, 2**31, 2**32 - 1], np.uint32)
    for dtype in TYPES:
        x, y = T(ends.shape, "uint32"), T(ends.shape, dtype)
        yield one_op("CAST", (x,), y), [ends]


def refused() -> Iterator[Refused]:
    for x, y in (("uint8", "int8"), ("int64", "int32"), ("int8", "uint8"), ("int32", "int64")):
        model = one_op("CAST", (T((2,), x),), T((2,), y))
        yield Refused("CAST supports", model, by_tflm=True)
    odd = one_op("CAST", (T((2,)),), T((2,), "int32"), in_data_type=-1)
    yield Refused("unknown element type, -1", odd, by_tflm=True)
    yield Refused("has shape [3], expected [2]", one_op("CAST", (T((2,)),), T((3,), "int32")))


CASES = Cases(append, floats=0.3, edges=edges, refused=refused)
