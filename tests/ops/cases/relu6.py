"""RELU6: raw values clamped in the quantization of the input."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import unary


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.like(x, x.shape)
    d.shift(m, x, y)
    m.op("RELU6", [x], [y])
    return y


def refused() -> Iterator[Refused]:
    yield Refused("too small to express 6", unary("RELU6", (1e-9, 0), (1e-9, 0), (4,)))


CASES = Cases(append, scales=lambda: (((3e-9, 5), (1.0, 0)),), refused=refused)
