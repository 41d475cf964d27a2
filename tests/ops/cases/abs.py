"""ABS: magnitudes, rescaled where the scales differ."""

from __future__ import annotations

from functools import partial

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases
from tests.tflite_models.draw import Draw
from tests.tflite_models.unary import refused_multiplier, rescaled


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = rescaled(m, d, x) if d.chance(0.7) else m.like(x, x.shape)
    m.op("ABS", [x], [y])
    return y


CASES = Cases(append, refused=partial(refused_multiplier, "ABS"))
