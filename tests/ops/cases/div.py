"""DIV: scales at which TFLM does not shift too far, and divisors that are not 0."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.binary import arithmetic, broadcasting, quantized_int32, refused_arithmetic
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Refused, Run
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, one_op


def scale_of(m: ModelBuilder, d: Draw, a: Tensor, b: Tensor) -> float:
    return float32(a.scale / (b.scale * (d.power(6.1, 21.9) if d.wild() else d.power(6.1, 8))))


def no_zeros(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """1 in the place of a divisor 0, nor is the least int32 divided by -1."""
    if place == 0:
        ends = values == -(1 << 31) if values.dtype == np.int32 else np.zeros(values.shape, bool)
        return np.where(ends, 7, values).astype(values.dtype)
    other = zero_point + (1 if zero_point < 100 else -1)
    return np.where(values == zero_point, other, values).astype(values.dtype)


def defined(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """``no_zeros`` of other types than int8, of which TFLM has a quotient by 0."""
    return values if values.dtype == np.int8 else no_zeros(place, zero_point, values)


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """What is divided by 0 goes to the end of the range on its side; so does 2**31."""
    ints = [T((4,), "int32") for _ in range(3)]
    least = -(1 << 31)
    a, b = np.array([5, 0, -5, least], np.int32), np.array([0, 0, 0, -1], np.int32)
    y = np.array([-least - 1, 0, least, -least - 1], np.int32)
    yield one_op("DIV", ints[:2], ints[2]), [a, b], y


def refused() -> Iterator[Refused]:
    yield from refused_arithmetic("DIV")
    x, y = T((2, 3)), T((2, 3))
    for scale in (0.1, 2.0**-26):
        yield Refused(
            "others TFLM shifts by more bits", one_op("DIV", (x, x), T((2, 3), scale=scale))
        )
    by_constant = one_op("DIV", (x, T((3,), data=(1, 0, 3))), y)
    yield Refused("divides by 0", by_constant)
    for place in (0, 1):
        scaled = quantized_int32("DIV", place)
        yield Refused("int32 with a scale", scaled, by_tflm=True)
    ints = T((2, 3), "int32"), T((3,), "int32", data=(1, 0, 3))
    yield Refused("divides by 0", one_op("DIV", ints, T((2, 3), "int32")))


def edges() -> Iterator[Run]:
    """Also by 0."""
    for model, (a, b) in broadcasting("DIV", 1 / 64):
        yield model, [a, b]


SCALES = tuple(((0.5, 0), (0.25, 3), (2.0**-power, -1)) for power in (6, 7.2, 9, 20.9))

CASES = arithmetic(
    "DIV",
    scale_of,
    constants=no_zeros,
    mend=defined,
    scales=lambda: SCALES,
    edges=edges,
    left_open=left_open,
    refused=refused,
)
