"""exp(x) - 1 and tanh(x) of float32, as the C library has them that TFLM was compared with.

Other libraries may round some results to a neighbour. The C twins are ``float_exp_less_1.h`` and
``float_tanh.h`` of ``fwgen/kernels/reference``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LN2_HIGH, LN2_LOW = np.float32(6.9313812256e-01), np.float32(9.0580006145e-06)
COEFFICIENTS = np.array(
    [
        1,
        -3.3333335072e-02,
        1.5873016091e-03,
        -7.9365076090e-05,
        4.0082177293e-06,
        -2.0109921195e-07,
    ],
    np.float32,
)
HALF, ONE, TWO = np.float32(0.5), np.float32(1), np.float32(2)


def exp_less_1(x: npt.ArrayLike) -> Floats:
    """exp(x) - 1 of float32 below 44.

    x is k times ln(2) and a rest r - c; exp(r) - 1 is a quotient of polynomials, all in float32.
    Source: Sun's ``s_expm1f.c``, 1993, as in glibc up to 2.40.
    """
    values = np.asarray(x, np.float32)
    bits = np.abs(values).view(np.uint32)
    half = np.where(values < 0, -HALF, HALF)
    steps = np.trunc(np.float32(1.4426950216) * values + half)
    k = np.where(bits <= 0x3EB17218, 0, np.where(bits < 0x3F851592, half + half, steps))
    k = np.clip(k, -30, 64).astype(np.float32)
    high, low = values - k * LN2_HIGH, k * LN2_LOW
    r = np.where(k == 0, values, high - low)
    c = np.where(k == 0, np.float32(0), (high - r) - low)
    r_half = HALF * r
    square = r * r_half
    series = COEFFICIENTS[-1]
    for coefficient in COEFFICIENTS[-2::-1]:
        series = coefficient + square * series
    t = np.float32(3) - series * r_half
    e = square * ((series - t) / (np.float32(6) - r * t))
    rest = (r * (e - c) - c) - square
    found = np.where(k == 0, r - (r * e - square), _scaled(k, r, rest))
    tiny = bits < 0x33000000
    far = (bits >= 0x4195B844) & (values < 0)
    return np.where(tiny, values, np.where(far, -ONE, found)).astype(np.float32)


def _scaled(k: Floats, r: Floats, rest: Floats) -> Floats:
    """What is made of the rest where k is not 0: the order of roundings differs by k."""
    power, part = np.exp2(k).astype(np.float32), np.exp2(-k).astype(np.float32)
    outer = (ONE - (rest - r)) * power - ONE
    inner = np.where(k < 23, (ONE - part) - (rest - r), (r - (rest + part)) + ONE) * power
    above = np.where(r < -np.float32(0.25), -TWO * (rest - (r + HALF)), ONE + TWO * (r - rest))
    found = np.where((k <= -2) | (k > 56), outer, np.where(k == 1, above, inner))
    return np.where(k == -1, HALF * (r - rest) - HALF, found).astype(np.float32)


def float_tanh(x: Floats) -> Floats:
    """tanh(x) of float32, a NaN for a NaN. Source: Sun's ``s_tanhf.c``, 1993, as above."""
    size = np.minimum(np.abs(x), np.float32(22))
    t = exp_less_1(np.where(size >= ONE, TWO * size, -TWO * size))
    found = np.where(size >= ONE, ONE - TWO / (t + TWO), -t / (t + TWO))
    found = np.where(size >= np.float32(22), ONE, found)
    tiny = ~(np.abs(x) >= np.float32(2.0**-55))
    return np.where(tiny, x, np.copysign(found, x)).astype(np.float32)
