"""GREATER_EQUAL: whether an element is not less than another, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import comparisons

OPERATOR = comparisons.operator(
    62, "GREATER_EQUAL", comparisons.GREATER | comparisons.EQUAL, np.greater_equal
)
