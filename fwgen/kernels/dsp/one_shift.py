"""One shift that rounds twice, as TFLM does: the end of the kernels of cores without vectors.

A kernel holds 2**bits times a sum s. Its output, with the multiplier M and the shift -e, is

    saturated((high32((2**bits * s) * M) + addend(bits, e, zero_point)) >> right(bits, e))

Floors of floors are one floor: floor((floor(x / 2**a) + b) / 2**c) is floor((x + b * 2**a) /
2**(a + c)). TFLM's second rounding takes halves of negative numbers away from zero: there the
addend is less by half of 2**bits. Where outputs are clamped at their zero point, nobody sees that.

``tests/proofs`` proves it for all sums and multipliers, and that nothing leaves 32 bits.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

Int64Array = npt.NDArray[np.int64]

Exponent = TypeVar("Exponent", int, Int64Array)
"""An exponent, or one for each channel."""


def right(bits: int | Exponent, e: Exponent) -> Exponent:
    """How far the upper word, with the addend, is shifted right."""
    return e + (bits - 1)


def addend(bits: int | Exponent, e: Exponent, zero_point: int) -> Exponent:
    """Both halves that are rounded by, and the output's zero point; ``bits`` are 2 or more."""
    return (((1 << e) + 1 << bits) >> 2) + (zero_point << right(bits, e))
