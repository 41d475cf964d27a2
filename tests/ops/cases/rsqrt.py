"""RSQRT: of numbers that are not negative, on which alone TFLM does not stop with an error."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import unary


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """To a scale in which the root of 1 to 1000 steps of the input is not beyond the limits."""
    if x.dtype == "float32":
        y = m.like(x, x.shape)
        m.op("RSQRT", [x], [y])
        return y
    ratio = d.power(-11, 20) if d.wild() else d.power(4, 8)
    scale = float32(1.0 / (math.sqrt(x.scale) * ratio))
    y = m.tensor(x.shape, x.dtype, scale=scale, zero_point=d.zero_point(x.dtype))
    m.op("RSQRT", [x], [y])
    return y


def not_negative(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """Numbers below the zero point mirrored, as far as they go."""
    if values.dtype.kind == "f":
        return np.abs(values)
    return np.maximum(values, values.dtype.type(zero_point))


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """Numbers below the zero point count as 0, of which the root is beyond all limits."""
    x = np.array([-128, -4, -3, -2], np.int8)
    y = np.array([127, 127, 127, 53], np.int8)
    yield unary("RSQRT", (1.0, -3), (1 / 50, 3), (4,)), [x], y


def refused() -> Iterator[Refused]:
    yield Refused("expected 2**-12 to", unary("RSQRT", (1.0, 0), (2.0**13, 0), (4,)))
    yield Refused("to 2**50", unary("RSQRT", (2.0**-30, 0), (2.0**-37, 0), (4,)))


CASES = Cases(
    append,
    fits=lambda x: x.zero_point == -128,
    mend=not_negative,
    left_open=left_open,
    refused=refused,
)
