"""The float logarithm that TFLM is compared with: a table of 16 logarithms and a cubic, in double.

It is within 0.818 units of the last place. The C twin is ``fwgen/kernels/reference/float_log.h``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_INVERSES = """
1.661ec79f8f3bep+0 1.571ed4aaf883dp+0 1.49539f0f010bp+0 1.3c995b0b80385p+0 1.30d190c8864a5p+0
1.25e227b0b8eap+0 1.1bb4a4a1a343fp+0 1.12358f08ae5bap+0 1.0953f419900a7p+0 1p+0
1.e608cfd9a47acp-1 1.ca4b31f026aap-1 1.b2036576afce6p-1 1.9c2d163a1aa2dp-1 1.886e6037841edp-1
1.767dcf5534862p-1
"""
INVERSES = np.array([float.fromhex(f"0x{each}") for each in _INVERSES.split()])
"""1 / c for a c in each of 16 intervals of equal width from 0.7 to 1.4. The product with a number
of the interval is nearly 1. Source: ``logf_data.c`` of Arm's optimized routines,
which glibc has since 2.27; so are the other constants."""

TABLE: npt.NDArray[np.int64] = np.stack([INVERSES, -np.log(INVERSES)], axis=1).view(np.int64)
"""The bits of 1 / c and log(c) as doubles."""

LN_2 = float.fromhex("0x1.62e42fefa39efp-1")
CUBIC = tuple(
    float.fromhex(each)
    for each in ("-0x1.00ea348b88334p-2", "0x1.5575b0be00b6ap-2", "-0x1.ffffef20a4123p-2")
)
"""Of log(1 + r) less r, from the highest power to the square."""

LEAST_BITS = 0x3F330000
"""Of the float at which the first interval begins, about 0.7."""


def float_log(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """log(x) of float32: minus infinity for 0, a NaN for what is below 0 or a NaN."""
    bits = np.where(x < np.finfo(np.float32).tiny, x * np.float32(2.0**23), x)
    bits = bits.astype(np.float32).view(np.int32).astype(np.int64)
    above = bits - LEAST_BITS
    exponent = above >> 23
    inverse, logarithm = np.moveaxis(TABLE.view(np.float64)[above >> 19 & 15], -1, 0)
    mantissa = (bits - (exponent << 23)).astype(np.int32).view(np.float32).astype(np.float64)
    exponent = np.where(x < np.finfo(np.float32).tiny, exponent - 23, exponent)
    # in this order: each step rounds
    r = mantissa * inverse - 1.0
    start = logarithm + exponent * LN_2
    square = r * r
    found = CUBIC[0] * square + (CUBIC[1] * r + CUBIC[2])
    result = (found * square + (start + r)).astype(np.float32)
    result = np.where(x == 0, np.float32(-np.inf), np.where(np.isposinf(x), x, result))
    return np.where(np.isnan(x), x, np.where(x < 0, np.float32(np.nan), result)).astype(np.float32)
