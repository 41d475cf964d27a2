"""RELU: a rescaling clamped at the zero point of the output."""

from __future__ import annotations

from functools import partial

from tflite_models.builder import ModelBuilder, Tensor
from tflite_models.cases import Cases
from tflite_models.draw import Draw
from tflite_models.unary import refused_multiplier, rescaled


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = rescaled(m, d, x)
    m.op("RELU", [x], [y])
    return y


CASES = Cases(append, refused=partial(refused_multiplier, "RELU"))
