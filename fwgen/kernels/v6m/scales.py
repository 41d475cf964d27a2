"""Scales of sums for cores without a 64-bit product, proven for all sums: ``v6m_rescale.h``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fwgen.model.fixed_point import requantize

Int64Array = npt.NDArray[np.int64]

LOW_BITS = 13
"""``FW_V6M_LOW_BITS``: those of the lower part of a multiplier."""

SUM_LIMIT = 1 << 30
"""Sums, and what is subtracted from them, are in [-SUM_LIMIT, SUM_LIMIT)."""

NEARBY = (0, 1, -1, 2, -2, 3, -3, 4, -4)
"""What is added to a multiplier until one gives the same outputs."""

_STEP = 1 << 24
"""An output, as the kernels have it before the last shift."""

_WORD = 1 << 32


@dataclass(frozen=True)
class Scale:
    """What makes an output of a sum: the members of ``fw_v6m_scale``.

    ``start`` is the sum that becomes 0: it is to be subtracted from the bias.
    """

    start: int
    most: int
    high: int
    low: int
    addend: int
    bend: int = 0
    below: int = 0

    @property
    def words(self) -> tuple[int, int, int, int, int, int]:
        """The members in their order, as they are in memory."""
        return self.most, self.high, self.low, self.addend, self.bend, self.below


@dataclass(frozen=True)
class Sums:
    """The sums of a channel, from ``least`` to ``most``, bias included, and their scale."""

    least: int
    most: int
    multiplier: int
    shift: int


@lru_cache(maxsize=1 << 16)
def scale_of(sums: Sums, zero_point: int, limits: tuple[int, int]) -> Scale | None:
    """The scale of a channel whose outputs are clamped to ``limits``.

    None if sums are beyond ``SUM_LIMIT``, or shifted to the left. None, too, if more than 2^19 sums
    lie between the clamps, or if no scale is found that gives the same outputs for each.
    """
    if sums.least < -SUM_LIMIT or sums.most >= SUM_LIMIT:
        return None
    if sums.multiplier == 0:
        return _constant(min(max(zero_point, limits[0]), limits[1]))
    if sums.shift > 0:
        return None
    low, high = (value - zero_point for value in limits)
    ends = requantize(np.array([sums.least, sums.most]), sums.multiplier, sums.shift)
    first, last = (int(min(max(value, low), high)) for value in ends)
    if first == last:
        return _constant(first + zero_point)
    at = _least_sums(sums, np.arange(first + 1, last + 1))
    start = int(at[0]) - 1
    if at[-1] - start >= 1 << 32 - LOW_BITS:
        return None
    nominal = sums.multiplier << LOW_BITS + 24 >> 31 - sums.shift
    for near in NEARBY:
        found = _with_multiplier(nominal + near, at - start, -start, first + zero_point)
        if found is not None:
            made, bend, addend, below = found
            return Scale(start, int(at[-1]) - start, *made, addend, bend, below)
    return None


def scales_of(
    channels: Iterable[Sums], zero_point: int, limits: tuple[int, int]
) -> tuple[Scale, ...] | None:
    """The scale of each channel, None if one of them has none."""
    found = []
    for sums in channels:
        scale = scale_of(sums, zero_point, limits)
        if scale is None:
            return None
        found.append(scale)
    return tuple(found)


def _constant(output: int) -> Scale:
    return Scale(0, 0, 0, 0, output * _STEP % _WORD)


def _least_sums(sums: Sums, outputs: Int64Array) -> Int64Array:
    """The least sum of each of ``outputs``, which rise; all are reached from ``sums.least`` on."""
    below, at = np.full_like(outputs, sums.least), np.full_like(outputs, sums.most)
    while np.any(at - below > 1):
        middle = (below + at) // 2
        reached = requantize(middle, sums.multiplier, sums.shift) >= outputs
        below, at = np.where(reached, below, middle), np.where(reached, middle, at)
    return at


def _with_multiplier(
    multiplier: int, at: Int64Array, negative: int, first: int
) -> tuple[tuple[int, int], int, int, int] | None:
    """((high, low), bend, addend, below) with this multiplier; None if there are none.

    The output after ``first`` begins at the sum ``at[0]`` = 1, and so on. Sums below ``negative``
    are negative ones of the reference.
    """
    if multiplier <= 0:
        return None
    high, low = multiplier >> LOW_BITS, multiplier % (1 << LOW_BITS)
    if int(at[-1]) * high >= _WORD:
        return None
    bend = int(np.clip(negative, 0, at[-1] + 1))
    # at the ends of both sides, and wherever an output begins, and before
    places = np.unique(np.concatenate([[0, at[-1]], at, at - 1, _sides(bend, int(at[-1]))]))
    steps = np.searchsorted(at, places, side="right")
    products = places * high + (places * low >> LOW_BITS)
    least, most = steps * _STEP - products, (steps + 1) * _STEP - 1 - products

    def addend(which: npt.NDArray[np.bool_]) -> int | None:
        """One in the middle of those that suit some of the sums; 0 for none."""
        bottom, top = (int(least[which].max()), int(most[which].min())) if which.any() else (0, 0)
        return None if bottom > top else (bottom + top) // 2

    offset = first * _STEP
    for split in (0, bend):
        above, under = addend(places >= split), addend(places < split)
        if above is not None and under is not None:
            below = (under + offset) % _WORD if split else 0
            return (high, low), split, (above + offset) % _WORD, below
    return None


def _sides(bend: int, most: int) -> Int64Array:
    """The last sum below ``bend`` and the first that is not, as far as there are such."""
    sides = np.array([bend - 1, bend], np.int64)
    return sides[(sides >= 0) & (sides <= most)]
