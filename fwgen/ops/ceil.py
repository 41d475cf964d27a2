"""CEIL: the least whole number that is not below x."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import reals

OPERATOR = reals.operator(104, "CEIL", np.ceil, cycles=20.0)
