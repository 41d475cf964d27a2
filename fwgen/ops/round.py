"""ROUND: the nearest whole number to x, of two the even one."""

from __future__ import annotations

import numpy as np

from fwgen.contract.operator import Array
from fwgen.ops.parts import reals


def nearest(x: Array) -> Array:
    """What is rounded up to 0 has no sign. Source: TFLite ``reference/round.h``."""
    below = np.floor(x)
    rest = np.subtract(x, below)
    odd = np.not_equal(np.fmod(below, 2), 0)
    up = np.greater(rest, 0.5) | (np.equal(rest, 0.5) & odd)
    found: Array = np.where(up, np.add(below, np.float32(1)), below)
    return found


OPERATOR = reals.operator(116, "ROUND", nearest, cycles=30.0)
