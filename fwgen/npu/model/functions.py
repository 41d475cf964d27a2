"""Activation functions of 16 bits: from a table in the shared memory, and those of the NPU's own.

The NPU's tanh and sigmoid take numbers in units of 1 / 0x3000. That they are TensorFlow Lite's is
inferred: Vela gives them the multipliers and shifts of TensorFlow Lite's kernels.
"""

from __future__ import annotations

import numpy as np

from fwgen.npu.model.arithmetic import Ints

# fmt: off
_STEPS = (
    683, 682, 680, 680, 676, 674, 670, 667, 661, 657, 651, 645, 638, 632, 624, 616, 608, 599,
    591, 581, 572, 562, 552, 542, 532, 521, 511, 500, 489, 478, 467, 456, 446, 434, 424, 412,
    402, 391, 381, 370, 360, 349, 340, 329, 320, 310, 300, 291, 283, 273, 264, 256, 248, 240,
    231, 224, 216, 209, 202, 195, 188, 182, 175, 169, 162, 158, 151, 146, 140, 136, 130, 126,
    121, 117, 112, 108, 104, 100, 96, 93, 89, 86, 82, 79, 76, 74, 70, 68, 65, 62, 60, 58, 56,
    53, 51, 49, 48, 45, 44, 42, 40, 38, 38, 35, 34, 33, 32, 30, 29, 28, 27, 26, 24, 24, 23, 22,
    20, 21, 19, 18, 18, 17, 17, 15, 15, 15, 14, 13, 13, 12, 12, 11, 11, 11, 10, 9, 9, 9, 9, 8,
    7, 8, 7, 7, 7, 6, 6, 6, 5, 6, 5, 5, 5, 4, 4, 5, 4, 3, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2, 3, 2, 2,
    2, 3, 1, 2, 2, 2, 2, 1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1,
    0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0,
    0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
)
# fmt: on

_SIGMOID = np.cumsum((32768, *_STEPS), dtype=np.int64)
"""Sigmoid of 0 to 255 / 24 in units of 2**-16: TFLM's tanh at half of these, measured."""


def interpolated(x: Ints, table: Ints) -> Ints:
    """Of ``table`` (512, 2) each row is a base and a slope for 128 numbers."""
    rows = table[np.clip(x + (1 << 15) >> 7, 0, 511)]
    found: Ints = rows[..., 0] + (rows[..., 1] * (x & 127) + 64 >> 7)
    return found


def _between(x: Ints, bits: int) -> Ints:
    """The table at |x| / 2**``bits``, straight between its entries, in units of 2**(-16 - bits)."""
    magnitude = np.abs(x)
    index = np.minimum(magnitude >> bits, 254)
    low, high = _SIGMOID[index], _SIGMOID[index + 1]
    found: Ints = (low << bits) + (magnitude & (1 << bits) - 1) * (high - low)
    return found


def sigmoid(x: Ints) -> Ints:
    """In units of 2**-15."""
    far = np.abs(x) >> 9 >= 255
    found = np.where(far, 0x7FFF << 10, _between(x, 9))
    mirrored = (1 << 25) - found + (1 << 9) - 1
    return np.where(x >= 0, found + (1 << 9), mirrored) >> 10


def tanh(x: Ints) -> Ints:
    """2 sigmoid(2 x) - 1, in units of 2**-15."""
    far = np.abs(x) >> 8 >= 255
    found = np.where(far, 0xFFFF << 8, _between(x, 8)) - (1 << 23)
    return np.where(x >= 0, found + (1 << 7), -found + (1 << 7) - 1) >> 8
