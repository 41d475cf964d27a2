"""Fixed-point arithmetic: the only home of TFLM's rounding rules on the Python side.

The C twin is ``fwgen/kernels/reference/requantize.h``. Both follow TFLM's reference kernels in
their default configuration, which rounds twice: once in the doubling high multiplication, once
in the rounding right shift (gemmlowp, ``fixedpoint.h``). LiteRT's default kernels round
differently.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Int64Array = npt.NDArray[np.int64]


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Split ``real`` >= 0 into (multiplier, shift) with real ~ multiplier * 2**(shift - 31).

    The multiplier is in [2**30, 2**31), or 0 for ``real`` below 2**-32, which TFLM flushes to zero.
    A positive shift is to the left. Rounds half away from zero. Source: TFLite
    ``quantization_util.cc``, ``QuantizeMultiplier``.
    """
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * (1 << 31) + 0.5)
    if multiplier == 1 << 31:
        multiplier //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    return multiplier, shift


def doubling_high_multiply(a: Int64Array, multiplier: int | Int64Array) -> Int64Array:
    """Round(a * multiplier / 2**31), halves up, saturated to 32 bits.

    Both hold 32-bit values. Source: gemmlowp ``SaturatingRoundingDoublingHighMul``.
    """
    product: Int64Array = a.astype(np.int64) * multiplier
    rounded: Int64Array = (product + (1 << 30)) >> 31
    return np.minimum(rounded, (1 << 31) - 1)


def rounding_shift_right(a: Int64Array, exponent: int | Int64Array) -> Int64Array:
    """Round(a / 2**exponent), half away from zero. Source: gemmlowp ``RoundingDivideByPOT``."""
    mask = np.left_shift(1, exponent, dtype=np.int64) - 1
    remainder = a & mask
    threshold = (mask >> 1) + (a < 0)
    rounded: Int64Array = (a >> exponent) + (remainder > threshold)
    return rounded


def requantize(a: Int64Array, multiplier: int | Int64Array, shift: int | Int64Array) -> Int64Array:
    """``a`` * real multiplier, as TFLM's ``MultiplyByQuantizedMultiplier`` (double rounding).

    ``a`` holds 32-bit values; for a left shift the shifted value wraps at 32 bits as on the target.
    Multipliers and shifts may be one per element of the last axis.
    """
    left, right = np.maximum(shift, 0), np.maximum(np.negative(shift), 0)
    shifted = (a.astype(np.int64) << left).astype(np.int32).astype(np.int64)
    return rounding_shift_right(doubling_high_multiply(shifted, multiplier), right)


def requantize_wide(
    a: Int64Array, multiplier: int | Int64Array, shift: int | Int64Array
) -> Int64Array:
    """``a`` * real multiplier for sums of 64 bits, which TFLM rounds once.

    ``a`` is below 2**47 in magnitude, and ``shift`` from -31 to 7. The multiplier is first rounded
    to 15 bits. The result wraps at 32 bits. Source: TFLite ``common.cc``,
    ``MultiplyByQuantizedMultiplier`` of an int64_t.
    """
    wide = np.asarray(multiplier, np.int64)
    reduced = np.where(wide < 0x7FFF0000, (wide + (1 << 15)) >> 16, 0x7FFF)
    right = 15 - np.asarray(shift, np.int64)
    product: Int64Array = a.astype(np.int64) * reduced + (np.int64(1) << (right - 1))
    return (product >> right).astype(np.int32).astype(np.int64)


def round_half_away(value: float) -> int:
    """C's ``round``: nearest integer, halves away from zero."""
    whole = math.floor(abs(value))
    return (whole + (abs(value) - whole >= 0.5)) * (1 if value >= 0 else -1)


# Fixed-point functions. A number with n integer bits is an int32 in units of 2**(n - 31).

_ONE = (1 << 31) - 1
"""1.0 without integer bits: the largest int32, as 1.0 itself does not fit."""


def _from_real(real: float, integer_bits: int) -> int:
    return round(real * (1 << (31 - integer_bits)))


def _saturating_shift_left(a: Int64Array, exponent: int) -> Int64Array:
    """a * 2**exponent, saturated. Source: gemmlowp ``SaturatingRoundingMultiplyByPOT``."""
    threshold = (1 << (31 - exponent)) - 1
    saturated = np.where(a > 0, (1 << 31) - 1, -(1 << 31))
    return np.where(np.abs(a) > threshold, saturated, a << exponent)


def exp_of_negative(a: Int64Array, integer_bits: int) -> Int64Array:
    """exp(a) without integer bits, for ``a`` <= 0 with at most 5 of them.

    a = q - r with q in [-1/4, 0) and r a multiple of 1/4: a polynomial around -1/8 gives exp(q),
    exp(-2**k) is the factor for bit k of r. Source: gemmlowp ``exp_on_negative_values``.
    """
    assert integer_bits <= 5
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    q = (a & (quarter - 1)) - quarter
    r = q - a
    x = (q << integer_bits) + (1 << 28)
    x2 = doubling_high_multiply(x, x)
    x3 = doubling_high_multiply(x2, x)
    x4_over_4 = rounding_shift_right(doubling_high_multiply(x2, x2), 2)
    third = doubling_high_multiply(x4_over_4 + x3, _from_real(1 / 3, 0))
    series = x + rounding_shift_right(third + x2, 1)
    centre = _from_real(math.exp(-1 / 8), 0)
    result = centre + doubling_high_multiply(series, centre)
    for k in range(-2, integer_bits):
        factor = _from_real(math.exp(-(2.0**k)), 0)
        bit = (r >> (fraction_bits + k)) & 1
        result = np.where(bit == 1, doubling_high_multiply(result, factor), result)
    return np.where(a == 0, _ONE, result)


def _reciprocal_of_half(a: Int64Array) -> Int64Array:
    """2 / (1 + a) with 2 integer bits, for ``a`` in [0, 1] without: three Newton-Raphson steps."""
    half = (a + _ONE + 1) // 2
    one = 1 << 29
    x = _from_real(48 / 17, 2) + doubling_high_multiply(half, _from_real(-32 / 17, 2))
    for _ in range(3):
        error = one - doubling_high_multiply(half, x)
        x = x + _saturating_shift_left(doubling_high_multiply(x, error), 2)
    return x


def reciprocal_of_one_plus(a: Int64Array) -> Int64Array:
    """1 / (1 + a) without integer bits, for ``a`` in [0, 1] without.

    Source: gemmlowp ``one_over_one_plus_x_for_x_in_0_1``.
    """
    return _saturating_shift_left(_reciprocal_of_half(a), 1)


def logistic(a: Int64Array, integer_bits: int) -> Int64Array:
    """1 / (1 + exp(-a)) without integer bits; ``a`` with at most 5. Source: gemmlowp."""
    positive = reciprocal_of_one_plus(exp_of_negative(-np.abs(a), integer_bits))
    return np.where(a > 0, positive, np.where(a < 0, _ONE - positive, 1 << 30))


def tanh(a: Int64Array, integer_bits: int) -> Int64Array:
    """Hyperbolic tangent without integer bits; ``a`` with at most 4. Source: gemmlowp."""
    # one more integer bit for the same int32 doubles it: exp(-2 * |a|)
    x = _reciprocal_of_half(exp_of_negative(-np.abs(a), integer_bits + 1))
    return np.sign(a) * _saturating_shift_left(x - (1 << 29), 2)


def inverse_sqrt(a: Int64Array) -> tuple[Int64Array, Int64Array]:
    """1 / sqrt(a) of integers from 0 to 2**31 - 1 as multipliers and shifts for ``requantize``.

    The result of 0 is that of 1. Five Newton-Raphson steps from 1, on numbers with 3 integer bits
    that are ``a`` times a power of 4. Source: TFLite ``internal/common.h``,
    ``GetInvSqrtQuantizedMultiplierExp``.
    """
    scaled, shift = np.maximum(a.astype(np.int64), 2), np.zeros(a.shape, np.int64)
    while (large := scaled >= 1 << 29).any():
        scaled, shift = np.where(large, scaled >> 2, scaled), shift - large
    while (small := scaled < 1 << 27).any():
        scaled, shift = np.where(small, scaled << 2, scaled), shift + small
    shift = shift - 11
    half, one_and_half = rounding_shift_right(scaled >> 1, 1), (1 << 28) + (1 << 27)
    x = np.full(a.shape, 1 << 28, np.int64)
    for _ in range(5):
        square = doubling_high_multiply(x, x)
        cube = _saturating_shift_left(doubling_high_multiply(square, x), 6)
        step = doubling_high_multiply(x, one_and_half) - doubling_high_multiply(half, cube)
        x = _saturating_shift_left(step, 3)
    x = doubling_high_multiply(x, _from_real(math.sqrt(0.5), 0)) << np.maximum(shift, 0)
    return np.where(a <= 1, _ONE, x), np.where(a <= 1, 0, np.minimum(shift, 0))


def log_from_one(a: Int64Array) -> Int64Array:
    """ln(a) with 5 integer bits of an ``a`` from 1 on, with 12.

    a = r * 2**k with an r around the fourth root of 1/2, for which a fraction of two polynomials
    stands. Source: TFLite ``internal/common.h``, ``log_x_for_x_greater_than_or_equal_to_1``.
    """
    sqrt_half, root, quarter = 1518500250, 1805811301, 1 << 23
    zeros = 32 - np.frexp(a.astype(np.float64))[1].astype(np.int64)
    half = doubling_high_multiply(a, sqrt_half)
    zeros_of_half = 31 - np.frexp(half.astype(np.float64))[1].astype(np.int64)
    doubled = doubling_high_multiply(a << (zeros - 1), sqrt_half) << 1
    r = np.minimum(np.minimum(doubled, _ONE), np.minimum(a << zeros_of_half, _ONE))
    power = np.maximum(((12 - zeros) << 25) + quarter, ((12 - zeros_of_half) << 25) - quarter)
    p, q = (r + root + 1) // 2, 2 * (r - root)
    square = doubling_high_multiply(q, q)
    cube = doubling_high_multiply(q, square)
    numerator = doubling_high_multiply(q, r) + doubling_high_multiply(cube, 117049297)
    factor = 1057819769 + q + doubling_high_multiply(square, 127690142)
    denominator = doubling_high_multiply(p, factor) + doubling_high_multiply(q, 638450708)
    fraction = rounding_shift_right(numerator, 6)
    found = doubling_high_multiply(power, 1488522236) + doubling_high_multiply(
        fraction, reciprocal_of_one_plus(denominator)
    )
    return _saturating_shift_left(found, 1)
