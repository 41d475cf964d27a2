"""LESS: whether an element is less than another, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import comparisons

OPERATOR = comparisons.operator(58, "LESS", comparisons.LESS, np.less)
