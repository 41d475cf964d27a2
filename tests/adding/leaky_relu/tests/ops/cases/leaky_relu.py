"""LEAKY_RELU: slopes of every size, also of 1 and more."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import unary
from tests.tflite_models.unary import rescaled


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = rescaled(m, d, x)
    alpha = d.pick((0.0, 0.01, 0.1, 0.3, 1.0, 1.5)) if d.chance(0.5) else d.power(-9, 1)
    m.op("LEAKY_RELU", [x], [y], alpha=alpha)
    return y


def refused() -> Iterator[Refused]:
    for alpha in (-0.1, float("nan"), float("inf")):
        model = unary("LEAKY_RELU", (0.1, 0), (0.1, 0), (4,), alpha=alpha)
        yield Refused("expected 0 or more", model)
    yield Refused("multiplies by", unary("LEAKY_RELU", (1e3, 0), (1e-10, 0), (4,), alpha=0.1))


CASES = Cases(append, refused=refused, unstated=("int16", "float32"))
