"""LESS_EQUAL: whether an element is not greater than another, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import comparisons

OPERATOR = comparisons.operator(
    63, "LESS_EQUAL", comparisons.LESS | comparisons.EQUAL, np.less_equal
)
