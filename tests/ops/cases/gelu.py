"""GELU: by the normal distribution, and its approximation by tanh."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.unary import near_scale, refused_results


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = near_scale(m, d, x)
    m.op("GELU", [x], [y], approximate=d.chance(0.5))
    return y


def refused() -> Iterator[Refused]:
    yield from refused_results("GELU")


CASES = Cases(append, refused=refused)
