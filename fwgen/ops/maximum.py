"""MAXIMUM: element-wise maximum of raw values, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.ops import comparison

OPERATOR = comparison.compare_operator(55, "MAXIMUM", "maximum_s8", np.maximum)
