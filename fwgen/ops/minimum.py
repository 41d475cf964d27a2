"""MINIMUM: element-wise minimum of raw values, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import extremes

OPERATOR = extremes.compare_operator(57, "MINIMUM", "minimum_s8", np.minimum)
