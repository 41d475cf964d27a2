"""Sums of int16 values with int8 weights that one instruction of MVE or DSP rescales.

The reference has sums of 64 bits and rescales by ``(sum * r + 2**(14 - shift)) >> (15 - shift)``,
with a multiplier ``r`` of 15 bits. ``VQRDMULH`` computes ``(2 * sum * m + 2**31) >> 32``: the same
for sums of 32 bits, a shift of -16 to 0 and ``m = r * 2**(16 + shift)``. ``SMMULR`` of the DSP
extension computes ``(sum * m + 2**31) >> 32``, for a shift of -17 to -1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.model.fixed_point import requantize_wide

Int64Array = npt.NDArray[np.int64]

MOST_SUM = (1 << 31) - 1

WIDE_SHIFTS = range(-16, 1)
"""Shifts for which one instruction rescales as the reference does with sums of 64 bits."""

DSP_SHIFTS = range(-17, 0)
"""The same of the DSP extension's instruction."""


def fits(taps: Int64Array, bias: Int64Array) -> bool:
    """Whether no sum of ``taps`` (channels, inputs) and int16 inputs leaves 32 bits."""
    return bool(np.all(np.abs(bias) + (np.abs(taps).sum(axis=1) << 15) <= MOST_SUM))


def wide_scaling(
    taps: Int64Array,
    bias: Int64Array,
    multiplier: Int64Array,
    shift: Int64Array,
    shifts: range = WIDE_SHIFTS,
) -> tuple[Int64Array, Int64Array] | None:
    """Bias and the one multiplier of each channel by the rule of 64 bits, None if there is none.

    A channel without weights has a constant output, to which its new bias is rescaled exactly.
    """
    if not taps.any(axis=1).all():
        constant = np.clip(requantize_wide(bias, multiplier, shift), -(1 << 15), (1 << 15) - 1)
        empty = ~taps.any(axis=1)
        bias = np.where(empty, constant << (1 - shifts[-1]), bias)
        multiplier = np.where(empty, 1 << 30, multiplier)
        shift = np.where(empty, shifts[-1], shift)
    known = (multiplier == 0) | ((shift >= shifts[0]) & (shift <= shifts[-1]))
    if not (known.all() and fits(taps, bias)):
        return None
    reduced = np.where(multiplier < 0x7FFF0000, (multiplier + (1 << 15)) >> 16, 0x7FFF)
    up = np.clip(shift - shifts[0], 0, 16).astype(np.int64)
    return bias, reduced << up
