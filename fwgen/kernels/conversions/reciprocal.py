"""The reciprocal of a scale as two floats, and the proof that products round as quotients.

With ``high + low`` near 1 / scale, the kernel takes ``fma(x, high, x * low)`` for ``x / scale``.
Both rise with x. So the outputs are the same for all x if they are at each place where the output
of the division rises, and at the float before it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np

NEAR_ONE = (2.0**-80, 2.0**80)
"""Scales for which no number on the way to an output other than the zero point is subnormal."""

Float = np.float32


def _as_bits(value: Float) -> int:
    return int(value.view(np.int32))


def _after(value: Float, up: bool) -> Float:
    return Float(np.nextafter(value, Float(np.inf if up else -np.inf)))


def _first_at(half: float, scale: Float, above: bool) -> Float:
    """The least float whose quotient by ``scale`` is at least ``half``, or ``above`` it."""

    def reaches(x: Float) -> bool:
        quotient = x / scale
        return bool(quotient > half if above else quotient >= half)

    x = Float(half * float(scale))
    while reaches(x):
        x = _after(x, up=False)
    while not reaches(x):
        x = _after(x, up=True)
    return x


def _reaches(x: Float, high: Float, low: Float, half: float, above: bool) -> bool | None:
    """Whether ``fma(x, high, x * low)`` is at least ``half``, or ``above`` it; None for a tie."""
    exact = Fraction(float(x)) * Fraction(float(high)) + Fraction(float(x * low))
    ends = Float(half), _after(Float(half), up=above)
    middle = sum(Fraction(float(end)) for end in ends) / 2
    return None if exact == middle else exact > middle


@cache
def reciprocal(scale: float, zero_point: int) -> tuple[int, int] | None:
    """The bits of ``high`` and ``low`` for int8 outputs; None if they are not exact for some x."""
    if not NEAR_ONE[0] <= scale <= NEAR_ONE[1]:
        return None
    step = Float(scale)
    high = Float(1.0 / scale)
    if Fraction(float(high)) * Fraction(scale) >= 1:
        high = _after(high, up=False)  # so that low is above 0, and both products rise with x
    low = Float(float((1 - Fraction(float(high)) * Fraction(scale)) / Fraction(scale)))
    for output in range(-127, 128):
        count = output - zero_point
        above = count <= 0  # halves go away from zero
        first = _first_at(count - 0.5, step, above)
        before = _after(first, up=False)
        if _reaches(first, high, low, count - 0.5, above) is not True:
            return None
        if _reaches(before, high, low, count - 0.5, above) is not False:
            return None
    return _as_bits(high), _as_bits(low)
