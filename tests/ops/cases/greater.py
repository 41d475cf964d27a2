"""GREATER: of int8 by rounded real values, of others as they are; of int16 TFLM knows no scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.tflite_models.binary import comparison
from tests.tflite_models.cases import Refused
from tests.tflite_models.hand_made import T, one_op

ALIKE = comparison("GREATER")


def refused() -> Iterator[Refused]:
    yield from ALIKE.refused()
    x = T((4,), "int16")
    yield Refused("that it has not set", one_op("GREATER", (x, x), T((4,), "bool")))


CASES = replace(ALIKE, refused=refused)
