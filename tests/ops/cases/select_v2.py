"""SELECT_V2: three operands, each of which may broadcast."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.binary import broadcasts, partner_shape
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """The tensor is what is taken where the condition holds."""
    while True:
        first, second = (partner_shape(d, x.shape) for _ in range(2))
        if broadcasts(np.broadcast_shapes(x.shape, first), second):
            break
    constant = d.values(first, "bool") if d.tame else None
    condition = m.tensor(first, "bool", data=constant)
    data = d.values(second, x.dtype) if d.tame or d.chance(0.4) else None
    quantization = {"scale": x.scale or None, "zero_point": x.zero_point}
    other = m.tensor(second, x.dtype, data=data, **quantization)
    y = m.like(x, np.broadcast_shapes(x.shape, first, second))
    m.op("SELECT_V2", [condition, x, other], [y])
    return y


def refused() -> Iterator[Refused]:
    condition, x, y = T((2, 3), "bool"), T((2, 3)), T((2, 3))
    yield Refused("needs 3 inputs", one_op("SELECT_V2", (condition, x), y), by_tflm=True)
    narrow = one_op("SELECT_V2", (condition, x, T((2,))), y)
    yield Refused("do not broadcast", narrow, by_tflm=True)
    yield Refused("expected [2, 3]", one_op("SELECT_V2", (condition, x, x), T((3, 2))))
    rank_6 = (1,) * 4 + (2, 3)
    yield Refused("at most 5", one_op("SELECT_V2", (condition, T(rank_6), x), T(rank_6)))


CASES = Cases(append, place=1, refused=refused)
