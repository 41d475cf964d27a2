"""MUL: products near ties, and those that wrap at 32 bits as TFLM's do."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.binary import arithmetic, refused_arithmetic
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Refused
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, one_op

SCALES = (
    ((0.1, 0), (0.6, 0), (0.096, 0)),
    ((0.86, 0), (0.44, 0), (8.0725333, 0)),
    *(
        ((1.0, 3), (1.0, -7), (2.0**-power, 11))
        for power in (14.5, 15.25, 16.0, 20.1, 23.9, 27.0, 29.99)
    ),
)


def scale_of(m: ModelBuilder, d: Draw, a: Tensor, b: Tensor) -> float:
    """A scale for a product: products reach 2**16, so that beyond a multiplier of 2**13 the left
    shift of the oracle's would overflow."""
    multiplier = d.power(-34, 13) if d.wild() else d.power(-8, -6)
    return float32(a.scale * b.scale / multiplier)


def refused() -> Iterator[Refused]:
    yield from refused_arithmetic("MUL")
    x = T((2, 3))
    large = one_op("MUL", (x, x), T((2, 3), scale=2.0**-32))
    yield Refused("multiplies by 1.07374e+09", large)


CASES = arithmetic("MUL", scale_of, scales=lambda: SCALES, refused=refused)
