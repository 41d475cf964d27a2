"""LOGICAL_NOT: truth values."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, "bool")
    m.op("LOGICAL_NOT", [x], [y])
    return y


def refused() -> Iterator[Refused]:
    x, y = T((4,), "bool"), T((3,), "bool")
    yield Refused("expected [4]", one_op("LOGICAL_NOT", [x], y))
    yield Refused("takes at most 1 input", one_op("LOGICAL_NOT", [x, x], T((4,), "bool")))


CASES = Cases(append, dtype="bool", refused=refused)
