"""MAXIMUM: element-wise maximum of raw values, with broadcasting."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import extremes

OPERATOR = extremes.compare_operator(55, "MAXIMUM", "maximum_s8", np.maximum)
