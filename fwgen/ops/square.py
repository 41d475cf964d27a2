"""SQUARE: x times x."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import reals

OPERATOR = reals.operator(92, "SQUARE", np.square)
