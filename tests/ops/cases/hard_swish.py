"""HARD_SWISH: multipliers of 16 bits, shifted to either side."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import unary


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    if x.dtype == "float32":
        y = m.like(x, x.shape)
        m.op("HARD_SWISH", [x], [y])
        return y
    ratio = d.power(-8.9, 6.9) if d.wild() else d.power(-1, 1)
    if x.scale < 2.0**-21:
        m.requantize(x, 2.0**-21, x.zero_point)
    scale = float32(max(x.scale, 2.0**-21) / ratio)
    y = m.tensor(x.shape, scale=scale, zero_point=d.zero_point())
    m.op("HARD_SWISH", [x], [y])
    return y


def refused() -> Iterator[Refused]:
    high = unary("HARD_SWISH", (1.0, 0), (2.0**-7, 0), (4,))
    yield Refused("multiplies by 128, expected", high, by_tflm=True)
    yield Refused("expected 2**-9", unary("HARD_SWISH", (1e-3, 0), (1.0, 0), (4,)))
    for scale in (2.0**-24, 2.0**25):
        tiny = unary("HARD_SWISH", (scale, 0), (scale, 0), (4,))
        yield Refused("The input's scale is", tiny)


CASES = Cases(append, refused=refused)
