"""MAXIMUM: element-wise maximum of raw values, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.contract.operator import Array
from fwgen.ops.parts import extremes


def maximum(a: Array, b: Array) -> Array:
    """As C has it: ``b`` if one of them is no number."""
    found: Array = np.where(np.greater(a, b), a, b)
    return found


OPERATOR = extremes.operator(55, "MAXIMUM", maximum)
