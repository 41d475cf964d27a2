"""RELU_0_TO_1: bounds inside and outside of what the output can hold."""

from __future__ import annotations

from functools import partial

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases
from tests.tflite_models.draw import Draw
from tests.tflite_models.unary import refused_multiplier, rescaled

CODE = "RELU_0_TO_1"


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = rescaled(m, d, x)
    m.op(CODE, [x], [y])
    return y


CASES = Cases(append, refused=partial(refused_multiplier, CODE))
