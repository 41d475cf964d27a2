"""The arithmetic of the NPU's rescaling: a multiplier, a shift and a way to round.

All on int64.

Source: Arm Ethos-U55 technical reference manual (102420), scaling and rounding.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault

Ints = npt.NDArray[np.int64]

_LARGEST = (1 << 31) - 1

_BITS = 62
"""Of a product that is calculated on int64, with what is added to it."""


class Rounding(IntEnum):
    """OFM_PRECISION's way to round."""

    TFL = 0
    TRUNCATE = 1
    NATURAL = 2


class Factor:
    """``scale`` / 2**``shift``, as numbers or arrays, with what is known before they are used.

    ``scale`` is 0 to 2**32 - 1, ``shift`` 0 to 63.
    """

    def __init__(self, scale: Ints | int, shift: Ints | int, rounding: Rounding) -> None:
        self.rounding = rounding
        self._scale, self._shift = np.asarray(scale, np.int64), np.asarray(shift, np.int64)
        if rounding is Rounding.TFL:
            # as TensorFlow Lite: the doubled product's high word, then the rest of the shift
            left = np.maximum(31 - self._shift, 0)
            self._rest = np.maximum(self._shift - 31, 0)
            self._left = left if left.any() else None
            self._ties = -(self._rest > 0).astype(np.int64)
            self._most = max(
                (int(a) << int(b) for a, b in np.broadcast(self._scale, left)), default=0
            )
        else:
            self._rest = self._shift
            self._most = int(self._scale.max(initial=0))
        self._half = np.where(self._rest > 0, np.left_shift(1, np.maximum(self._rest - 1, 0)), 0)

    def apply(self, x: Ints, largest: int | None = None) -> Ints:
        """``x`` times the factor, in the place of ``x``; no number of it is above ``largest``.

        Raises DeviceFault for results of more than 63 bits.
        """
        if largest is None:
            largest = largest_of(x)
        if largest * self._most >= 1 << _BITS:
            self._apply_widely(x)
            return x
        match self.rounding:
            case Rounding.TFL:
                self._round_twice(x, largest)
            case Rounding.NATURAL:
                x *= self._scale
                x += self._half
                x >>= self._rest
            case Rounding.TRUNCATE:
                x *= self._scale
                x[...] = np.sign(x) * (np.abs(x) >> self._rest)
        return x

    def _apply_widely(self, x: Ints) -> None:
        """The same for products beyond 64 bits: numbers that are too large are computed one by
        one."""
        wide = np.abs(x) > ((1 << _BITS) - 1) // self._most
        one_by_one = zip(
            x[wide].tolist(),
            np.broadcast_to(self._scale, x.shape)[wide].tolist(),
            np.broadcast_to(self._shift, x.shape)[wide].tolist(),
            strict=True,
        )
        found = [scaled(value, scale, shift, self.rounding) for value, scale, shift in one_by_one]
        if any(abs(value) >> 63 for value in found):
            raise DeviceFault("The NPU model has no more than 63 bits for a scaled value.")
        x[wide] = 0
        self.apply(x)
        x[wide] = found

    def _round_twice(self, x: Ints, largest: int) -> None:
        if self._left is not None:
            x <<= self._left
        x *= self._scale
        x += 1 << 30
        x >>= 31
        if largest * self._most >= (_LARGEST << 31) - (1 << 30):
            np.minimum(x, _LARGEST, out=x)
        if self._ties.any():
            # halves away from zero: one less before the shift where x is negative
            below = x >> 63
            below &= self._ties
            x += below
            x += self._half
            x >>= self._rest


def scaled(value: int, scale: int, shift: int, rounding: Rounding) -> int:
    """One number times ``scale`` / 2**``shift``, of any size."""
    if rounding is Rounding.TRUNCATE:
        product = abs(value * scale) >> shift
        return product if value >= 0 else -product
    if rounding is Rounding.NATURAL:
        return value * scale + (1 << shift >> 1) >> shift
    left, rest = max(31 - shift, 0), max(shift - 31, 0)
    high = min((value << left) * scale + (1 << 30) >> 31, _LARGEST)
    return high - (rest > 0 and high < 0) + (1 << rest >> 1) >> rest


def largest_of(x: Ints) -> int:
    """The greatest absolute value; 0 of none."""
    return max(-int(x.min(initial=0)), int(x.max(initial=0)))


def rescale(x: Ints, scale: Ints | int, shift: Ints | int, rounding: Rounding) -> Ints:
    """``x`` * ``scale`` / 2**``shift``, rounded; scale 0 to 2**32 - 1, shift 0 to 63."""
    return Factor(scale, shift, rounding).apply(x.astype(np.int64))


def round_away(x: Ints, shift: int) -> Ints:
    """``x`` / 2**``shift``, halves away from zero."""
    if shift == 0:
        return x
    rounded: Ints = (x + (x >> 63) + (1 << shift - 1)) >> shift
    return rounded


def leading_zeros(x: Ints) -> Ints:
    """Of 32-bit numbers; 32 of 0, 0 of negative ones."""
    if ((x < -(1 << 31)) | (x > (1 << 31) - 1)).any():
        raise DeviceFault("CLZ of more than 32 bits.")
    left = np.maximum(x, 0)
    # the exponent of a double is exact for 32 bits
    return np.where(x < 0, 0, 32 - np.frexp(left.astype(np.float64))[1].astype(np.int64))
