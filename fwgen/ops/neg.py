"""NEG: the opposite of x."""

from __future__ import annotations

import numpy as np

from fwgen.ops.parts import reals

OPERATOR = reals.operator(59, "NEG", np.negative)
