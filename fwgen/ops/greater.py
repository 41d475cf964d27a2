"""GREATER: whether an element is greater than another, with broadcasting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fwgen.model.element import Element, Types
from fwgen.ops.parts import comparisons

MISREAD: dict[Types, str] = {
    (
        Element.S16,
        Element.S16,
        Element.BOOL,
    ): "TFLM multiplies int16 operands of GREATER by numbers "
    "that it has not set: compare them as int8 or int32."
}
"""Source: TFLM ``comparisons.cc``: ``GreaterEval``, and ``ComparisonsPrepare``, which sets them for
int8 alone."""

OPERATOR = replace(
    comparisons.operator(61, "GREATER", comparisons.GREATER, np.greater), misread=MISREAD
)
