"""MINIMUM: element-wise minimum of raw values, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.contract.operator import Array
from fwgen.ops.parts import extremes


def minimum(a: Array, b: Array) -> Array:
    """As C has it: ``b`` if one of them is no number."""
    found: Array = np.where(np.less(a, b), a, b)
    return found


OPERATOR = extremes.operator(57, "MINIMUM", minimum)
