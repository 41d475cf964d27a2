"""MINIMUM: element-wise minimum of raw values, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.ops import comparison

OPERATOR = comparison.compare_operator(57, "MINIMUM", "minimum_s8", np.minimum)
