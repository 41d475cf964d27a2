"""EQUAL: whether two elements are equal, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.model.element import Element
from fwgen.ops.parts import comparisons

OPERATOR = comparisons.operator(71, "EQUAL", comparisons.EQUAL, np.equal, Element.BOOL)
