"""PRELU: slopes that broadcast, int8 also where the values are int16."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.binary import QUANTIZED, broadcasting, partner_shape
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, one_op


def combine(m: ModelBuilder, d: Draw, x: Tensor, slopes: Tensor) -> Tensor:
    """With multipliers up to 2**13, as products of int16 reach 2**23."""
    shape = np.broadcast_shapes(x.shape, slopes.shape)
    if x.dtype in QUANTIZED:
        ratio = d.power(-34, 7) if d.wild() else d.power(-1, 1)
        zero_point = d.zero_point(x.dtype)
        y = m.tensor(shape, x.dtype, scale=float32(x.scale / ratio), zero_point=zero_point)
        d.shift(m, x, y)
    else:
        y = m.tensor(shape, x.dtype)
    m.op("PRELU", [x, slopes], [y])
    return y


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    dtype = "int8" if x.dtype == "int16" else x.dtype
    shape = partner_shape(d, x.shape)
    data = d.values(shape, dtype) if d.tame or d.chance(0.6) else None
    if dtype == "int8":
        scale, zero_point = d.power(-9, -5), d.zero_point()
        slopes = m.tensor(shape, dtype, scale=scale, zero_point=zero_point, data=data)
    else:
        slopes = m.tensor(shape, dtype, data=data)
    return combine(m, d, x, slopes)


def refused() -> Iterator[Refused]:
    x, y = T((2, 3)), T((2, 3))
    yield Refused("do not broadcast", one_op("PRELU", (x, T((2,))), y))
    yield Refused("has 0", one_op("PRELU", (x, T((3,), scale=None)), y))
    yield Refused("multiplies by", one_op("PRELU", (x, T((3,), scale=2.0**30)), y))
    rank_5 = T((1, 1, 1, 2, 3), "float32"), T((3,), "float32")
    yield Refused("of which TFLM takes 4", one_op("PRELU", rank_5, T((1, 1, 1, 2, 3), "float32")))


def edges() -> Iterator[tuple[bytes, list[np.ndarray]]]:
    return broadcasting("PRELU")


CASES = Cases(append, ranks=(1, 4), combine=combine, edges=edges, refused=refused)
