"""NOT_EQUAL: whether two elements differ, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.model.element import Element
from fwgen.ops.parts import comparisons

OPERATOR = comparisons.operator(
    72,
    "NOT_EQUAL",
    comparisons.LESS | comparisons.GREATER | comparisons.NEITHER,
    np.not_equal,
    Element.BOOL,
)
