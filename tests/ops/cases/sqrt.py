"""SQRT: roots of numbers that are not negative; of int8 those of a least zero point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import unary
from tests.tflite_models.unary import magnitude, near_scale, of_floats, refused_results

ALIKE = of_floats("SQRT", mend=magnitude)


def fits(x: Tensor) -> bool:
    return x.dtype == "float32" or x.zero_point == -128


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = near_scale(m, d, x)
    if not fits(x):
        m.requantize(x, x.scale, -128)
    m.op("SQRT", [x], [y])
    return y


def refused() -> Iterator[Refused]:
    yield from ALIKE.refused()
    yield from refused_results("SQRT", -128)
    yield Refused("expected -128", unary("SQRT", (1.0, -127), (1.0, 0), (4,)))


CASES = replace(ALIKE, append=append, fits=fits, refused=refused)
