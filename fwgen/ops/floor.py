"""FLOOR: the greatest whole number that is not above x."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import reals

OPERATOR = reals.operator(8, "FLOOR", np.floor, cycles=20.0)
