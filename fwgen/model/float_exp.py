"""The float exponential that TFLM is compared with: a table of 2**(i / 32) and a cubic, in double.

It is within 0.502 units of the last place. The C twin is ``fwgen/kernels/reference/float_exp.h``.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEPS = 32
"""Of a power of 2."""

_POWERS = np.exp2(np.arange(STEPS) / STEPS).view(np.int64)
POWERS: npt.NDArray[np.int64] = _POWERS - (np.arange(STEPS, dtype=np.int64) << 47)
"""The bits of 2**(i / 32) as doubles, less i * 2**47: with n * 2**47 added, those of 2**(n / 32)
for any n that is i modulo 32."""

LOG2_E = 1.4426950408889634
CUBIC = (0.05550361559341535 / STEPS**3, 0.2402284522445722 / STEPS**2, 0.6931471806916203 / STEPS)
"""Of 2**(r / 32) less 1, r from -1/2 to 1/2. Source: ``exp2f_data.c`` of Arm's optimized routines,
which glibc has since 2.27."""

LEAST, MOST = np.float32(-104.0), np.float32(88.72283172607421875)
"""Below the first one the result is 0, above the second an infinity."""


def float_exp(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """exp(x) of float32, a NaN for a NaN."""
    inside = np.clip(np.nan_to_num(x), LEAST, MOST).astype(np.float64)
    scaled = LOG2_E * STEPS * inside
    whole = np.rint(scaled)
    r, n = scaled - whole, whole.astype(np.int64)
    power = (POWERS[n % STEPS] + (n << 47)).view(np.float64)
    # in this order: each step rounds
    found = (((CUBIC[0] * r + CUBIC[1]) * (r * r) + (CUBIC[2] * r + 1)) * power).astype(np.float32)
    found = np.where(x < LEAST, np.float32(0), np.where(x > MOST, np.float32(np.inf), found))
    return np.where(np.isnan(x), x, found).astype(np.float32)
