"""SQUARED_DIFFERENCE: of int8 and int16 at a common scale, of int32 wrapped."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.binary import X, arithmetic, refused_pairs
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Refused
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, one_op


def scale_of(m: ModelBuilder, d: Draw, a: Tensor, b: Tensor) -> float:
    """Squares reach 2**30: from a multiplier of 2 on, the oracle's left shift would overflow."""
    wild = d.power(-30, -1) if a.dtype == "int16" else d.power(-16, 13)
    usual = d.power(-16, -12) if a.dtype == "int16" else d.power(-9, -5)
    return float32(max(a.scale, b.scale) ** 2 / (wild if d.wild() else usual))


def refused() -> Iterator[Refused]:
    yield from refused_pairs("SQUARED_DIFFERENCE")
    yield Refused("has 0", one_op("SQUARED_DIFFERENCE", (X, T((3,), scale=None)), T((2, 3))))
    x = T((2, 3), "int16", zero_point=1)
    yield Refused(
        "int16 with a zero point", one_op("SQUARED_DIFFERENCE", (x, x), T((2, 3), "int16"))
    )
    tiny = one_op("SQUARED_DIFFERENCE", (X, X), T((2, 3), scale=2.0**-46))
    yield Refused("multiplies by", tiny)


CASES = arithmetic("SQUARED_DIFFERENCE", scale_of, activated=False, refused=refused)
