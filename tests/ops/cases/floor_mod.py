"""FLOOR_MOD: divisors that are not 0."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.binary import raw_values
from tests.tflite_models.cases import Refused, nothing
from tests.tflite_models.hand_made import T, one_op


def no_zeros(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """1 in the place of a divisor 0, on which TFLM stops."""
    return np.where(values == 0, 1, values).astype(values.dtype) if place == 1 else values


def refused() -> Iterator[Refused]:
    x, y = T((2, 3), "float32"), T((2, 3), "float32")
    yield Refused("do not broadcast", one_op("FLOOR_MOD", (x, T((2,), "float32")), y))
    zero = T((3,), "float32", data=(1, 0, 2))
    yield Refused("divides by 0", one_op("FLOOR_MOD", (x, zero), y))


CASES = raw_values("FLOOR_MOD", dtype="float32", mend=no_zeros, edges=nothing, refused=refused)
