"""How the NPU rescales: a multiplier, a shift and a way to round. All on int64.

Source: Arm Ethos-U55 technical reference manual (102420), scaling and rounding.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.quant import doubling_high_multiply, rounding_shift_right

Ints = npt.NDArray[np.int64]


class Rounding(IntEnum):
    """OFM_PRECISION's way to round."""

    TFL = 0
    TRUNCATE = 1
    NATURAL = 2


def rescale(x: Ints, scale: Ints | int, shift: Ints | int, rounding: Rounding) -> Ints:
    """``x`` * ``scale`` / 2**``shift``, rounded; scale 0 to 2**32 - 1, shift 0 to 63."""
    factor, places = np.asarray(scale, np.int64), np.asarray(shift, np.int64)
    if x.size and int(np.abs(x).max()) * int(factor.max()) >= 1 << 62:
        raise DeviceFault("The NPU model has no more than 62 bits for a scaled value.")
    if rounding is Rounding.TFL:
        return _twice_rounded(x, factor, places)
    product = x * factor
    if rounding is Rounding.NATURAL:
        half = np.where(places > 0, np.left_shift(1, np.maximum(places - 1, 0)), 0)
        return np.asarray((product + half) >> places)
    return np.asarray(np.sign(product) * (np.abs(product) >> places))


def _twice_rounded(x: Ints, scale: Ints, shift: Ints) -> Ints:
    """As TensorFlow Lite: the doubled product's high word, rounded, then the rest of the shift."""
    high = doubling_high_multiply(x << np.maximum(31 - shift, 0), scale)
    return rounding_shift_right(high, np.maximum(shift - 31, 0))


def leading_zeros(x: Ints) -> Ints:
    """Of 32-bit numbers; 32 of 0, 0 of negative ones."""
    if ((x < -(1 << 31)) | (x > (1 << 31) - 1)).any():
        raise DeviceFault("CLZ of more than 32 bits.")
    bits = np.zeros_like(x)
    left = np.where(x < 0, 0, x)
    while (left > 0).any():
        bits += left > 0
        left >>= 1
    return np.where(x < 0, 0, 32 - bits)
