"""ELU: exponentials in float32, and scales beyond which TFLM's conversion is undefined."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import unary


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    ratio = d.power(-34, 20) if d.wild() else d.power(-1, 1)
    scale = float32(max(x.scale / ratio, 2.0**-20))
    y = m.tensor(x.shape, x.dtype, scale=scale, zero_point=d.zero_point())
    m.op("ELU", [x], [y])
    return y


def refused() -> Iterator[Refused]:
    yield Refused("at most 2**30", unary("ELU", (1e3, 0), (2.0**-14, 0), (4,)))
    yield Refused("at most 2**30", unary("ELU", (1.0, 0), (1e-10, 0), (4,)))
    yield Refused("subnormal", unary("ELU", (1e-40, 0), (1.0, 0), (4,)))
    yield Refused("subnormal", unary("ELU", (1e-30, 0), (1e-40, 0), (4,)))


CASES = Cases(append, refused=refused)
