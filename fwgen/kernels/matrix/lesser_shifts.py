"""Scales with a lesser shift to the right that give the same outputs, proven for all sums."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.kernels.matrix.packing import Scaling
from fwgen.model.fixed_point import requantize

Int64Array = npt.NDArray[np.int64]

NEARBY = (0, 1, -1, 2)
"""What is added to a multiplier that is shifted down, until one gives the same outputs."""


def reach(matrix: npt.NDArray[np.int8], scaling: Scaling) -> tuple[Int64Array, Int64Array]:
    """The least and the greatest sum of each channel, for any inputs of int8."""
    wide = matrix.astype(np.int64)
    low: Int64Array = scaling.bias + np.minimum(-128 * wide, 127 * wide).sum(axis=1)
    high: Int64Array = scaling.bias + np.maximum(-128 * wide, 127 * wide).sum(axis=1)
    return low, high


def limited(
    scaling: Scaling, matrix: npt.NDArray[np.int8], sum_limit: int, most: int
) -> Scaling | None:
    """A scaling that rounds, with shifts from -1 to ``-most``; None if no such is found that gives
    the same outputs, or a sum is not in [-``sum_limit``, ``sum_limit``).

    A channel with a multiplier of 0 has -1: its outputs are the zero point with any.
    """
    low, high = reach(matrix, scaling)
    if not scaling.rounds or np.any((low < -sum_limit) | (high >= sum_limit)):
        return None
    shift = np.where(scaling.multiplier == 0, -1, scaling.shift).astype(np.int32)
    multiplier = scaling.multiplier.copy()
    for k in np.flatnonzero(shift < -most):
        sums = int(low[k]), int(high[k])
        found = with_shift(int(multiplier[k]), int(shift[k]), -most, sums)
        if found is None:
            return None
        multiplier[k], shift[k] = found
    return Scaling(scaling.bias, multiplier, shift)


def thresholds(multiplier: int, shift: int, least: int, most: int) -> tuple[Int64Array, Int64Array]:
    """Each output of the sums ``least``..``most`` but the first, and the least sum that has it.

    Outputs never fall as sums rise, as the multiplier is not negative.
    """
    first, last = requantize(np.array([least, most]), multiplier, shift)
    outputs = np.arange(first + 1, last + 1)
    # sums in (below, at] have the output or more at their end, and less at their beginning
    below, at = np.full_like(outputs, least), np.full_like(outputs, most)
    while np.any(at - below > 1):
        middle = (below + at) // 2
        reached = requantize(middle, multiplier, shift) >= outputs
        below, at = np.where(reached, below, middle), np.where(reached, middle, at)
    return outputs, at


def with_shift(
    multiplier: int, shift: int, wanted: int, sums: tuple[int, int]
) -> tuple[int, int] | None:
    """(multiplier, ``wanted``) with the same outputs for all sums from the first to the last.

    Shifts are negative, ``wanted`` the lesser one in magnitude. None if none is found.
    """
    least, most = sums
    outputs, at = thresholds(multiplier, shift, least, most)
    ends = np.array([least, most])
    expected = requantize(ends, multiplier, shift)
    for near in NEARBY:
        other = (multiplier >> wanted - shift) + near
        same = other > 0 and np.array_equal(requantize(ends, other, wanted), expected)
        if (
            same
            and np.all(requantize(at, other, wanted) >= outputs)
            and np.all(requantize(at - 1, other, wanted) < outputs)
        ):
            return other, wanted
    return None
