"""ABS: magnitudes, rescaled where the scales differ."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.unary import refused_multiplier, rescaled


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = rescaled(m, d, x) if d.chance(0.7) else m.like(x, x.shape)
    m.op("ABS", [x], [y])
    return y


def edges() -> Iterator[Run]:
    """int16 without a scale, of which the least value has no magnitude."""
    x = T((6,), "int16", None)
    values = np.array([-(1 << 15), 1 - (1 << 15), -1, 0, 1, (1 << 15) - 1], np.int16)
    yield one_op("ABS", [x], T((6,), "int16", None)), [values]


def refused() -> Iterator[Refused]:
    yield from refused_multiplier("ABS")
    yield Refused("expected [4]", one_op("ABS", [T((4,), "int16", None)], T((3,), "int16", None)))
    yield Refused("has 0", one_op("ABS", [T((4,), "int16")], T((4,), "int16", None)), by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
