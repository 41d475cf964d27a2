"""The float sine and cosine that TFLM is compared with: polynomials of an eighth of a circle, in
double.

They are within 0.57 units of the last place. The C twin is
``fwgen/kernels/reference/float_circle.h``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

_FOUR_BY_PI = 0xA2F9836E4E441529FC2757D1F534DDC0DB6295993C439041
FOUR_BY_PI: npt.NDArray[np.uint32] = np.array(
    [_FOUR_BY_PI >> 8 * (23 - i) & 0xFFFFFFFF for i in range(24)], np.uint32
)
"""Of the bits of 4 / pi those 32 that end with byte i."""

TWO_BY_PI = float.fromhex("0x1.45F306DC9C883p+23")
"""In units of 2**-24."""

HALF_PI = float.fromhex("0x1.921FB54400000p+0"), float.fromhex("0x1.0B46p-34")
"""The double nearest to pi / 2 in two parts: a product of the first and a number of 7 bits is
exact. So both products may be subtracted one by one, as if the sum were rounded once, which a C
library does that has fused multiplications and additions."""

MOST_TURNS = np.float32(120)
"""Beyond it the angle is multiplied by as many bits of 4 / pi as matter."""

SINE = tuple(
    float.fromhex(each)
    for each in ("-0x1.555545995a603p-3", "0x1.1107605230bc4p-7", "-0x1.994eb3774cf24p-13")
)
"""Of sin(x), of the powers 3, 5 and 7. Source: ``sincosf_data.c`` of Arm's optimized routines,
which glibc has since 2.28; so are all other constants."""

COSINE = tuple(
    float.fromhex(each)
    for each in (
        *("-0x1.ffffffd0c621cp-2", "0x1.55553e1068f19p-5"),
        *("-0x1.6c087e89a359dp-10", "0x1.99343027bf8c3p-16"),
    )
)
"""Of cos(x), of the powers 2, 4, 6 and 8."""


def float_sin(x: Floats) -> Floats:
    """sin(x) of float32, a NaN for an infinity or a NaN."""
    rest, quarters = _reduced(x)
    tiny = np.abs(x) < np.float32(2.0**-12)
    found = np.where(quarters & 1, _cosine(rest), _sine(rest)).astype(np.float32)
    return _of_numbers(x, np.where(tiny, x, np.where(quarters & 2, -found, found)))


def float_cos(x: Floats) -> Floats:
    """cos(x) of float32, a NaN for an infinity or a NaN."""
    rest, quarters = _reduced(x)
    found = np.where(quarters & 1, -_sine(rest), _cosine(rest)).astype(np.float32)
    return _of_numbers(x, np.where(quarters & 2, -found, found))


def _of_numbers(x: Floats, found: Floats) -> Floats:
    return np.where(np.isfinite(x), found, np.where(np.isnan(x), x, np.float32(np.nan)))


def _reduced(x: Floats) -> tuple[Doubles, npt.NDArray[np.int64]]:
    """Angles from -pi/4 to pi/4, and the quarters of circles that are missing."""
    real = np.where(np.isfinite(x), x, np.float32(0))
    near = np.where(np.abs(real) < MOST_TURNS, real, np.float32(0)).astype(np.float64)
    quarters = (near * TWO_BY_PI).astype(np.int64) + (1 << 23) >> 24
    rest = (near - quarters * HALF_PI[0]) - quarters * HALF_PI[1]
    far, more = _reduced_far(real)
    is_far = np.abs(real) >= MOST_TURNS
    return np.where(is_far, far, rest), np.where(is_far, more, quarters)


def _reduced_far(x: Floats) -> tuple[Doubles, npt.NDArray[np.int64]]:
    """``_reduced`` in fixed point: 96 of the bits of a product of integers, of which 64 matter."""
    bits = x.view(np.uint32)
    first = bits >> 26 & 15
    mantissa = (bits & 0xFFFFFF | 0x800000) << (bits >> 23 & 7)
    high, middle, low = (
        mantissa.astype(np.uint64) * FOUR_BY_PI[first + skipped].astype(np.uint64)
        for skipped in (0, 4, 8)
    )
    product = (low >> np.uint64(32) | high << np.uint64(32)) + middle  # modulo 2**64
    quarters = product + np.uint64(1 << 61) >> np.uint64(62)
    rest = (product - (quarters << np.uint64(62))).view(np.int64) * (HALF_PI[0] + HALF_PI[1])
    sign = np.where(bits >> 31, -1, 1)
    return sign * rest * 2.0**-62, sign * quarters.astype(np.int64)


def _sine(x: Doubles) -> Doubles:
    """In this order: each step rounds."""
    square = x * x
    cube = x * square
    return x + cube * SINE[0] + cube * square * (SINE[1] + square * SINE[2])


def _cosine(x: Doubles) -> Doubles:
    """In this order: each step rounds."""
    square = x * x
    fourth = square * square
    low = 1.0 + square * COSINE[0] + fourth * COSINE[1]
    return low + fourth * square * (COSINE[2] + square * COSINE[3])
