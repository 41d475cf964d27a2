"""LOGISTIC: fixed point with 4 integer bits, saturated where a scaled value does not fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import unary
from tests.tflite_models.unary import refused_words, saturating_scales, sigmoid_shaped


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    return sigmoid_shaped(m, d, x, "LOGISTIC", (1 / 256, -128))


def scales() -> Iterator[tuple[tuple[float, int], tuple[float, int]]]:
    yield from saturating_scales((1 / 256, -128))
    for number, power in enumerate(np.linspace(-27.9, 29.9, 60)):
        yield (float(np.float32(2.0**power)), (17 * number) % 256 - 128), (1 / 256, -128)


def refused() -> Iterator[Refused]:
    yield from refused_words("LOGISTIC")
    high = unary("LOGISTIC", (1 / 256, 0), (1 / 256, 0), (4,))
    yield Refused("expected -128", high, by_tflm=True)
    yield Refused("expected 3.7", unary("LOGISTIC", (2.0**31, 0), (1.0, -128), (4,)))


CASES = Cases(append, fits=lambda x: x.scale < 4, scales=scales, refused=refused)
