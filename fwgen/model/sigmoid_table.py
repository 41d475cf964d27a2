"""The table of 256 entries by which TFLM computes LOGISTIC and TANH of int16, and LSTM gates.

Between two entries it is interpolated. The C twin is ``fwgen/kernels/reference/sigmoid_s16.h``.
"""

from __future__ import annotations

import math

import numpy as np

from fwgen.model.fixed_point import Int64Array

MOST_LEFT = 14
"""By how many bits 3 times an int16 can be shifted to the left within 32 bits."""


def _entry(i: int) -> int:
    def sigmoid(at: float) -> float:
        return 65536.0 / (1.0 + math.exp(-at / 24))

    chord = (sigmoid(i - 0.5) + sigmoid(i + 0.5)) / 2
    return round(sigmoid(i) + (sigmoid(i) - chord) / 2)


ENTRIES = np.array([*map(_entry, range(255)), 65535], np.uint16)
"""sigmoid(i / 24) in units of 2**-16. Each is higher by half of what a chord of length 1 is too
low, which halves the largest error of what is interpolated. The last one stands for 1.

Source: ``sigmoid_table_uint16`` in TFLite's ``internal/common.h``, which has the same numbers.
"""


def scaled16(values: Int64Array, multiplier: int, right: int) -> Int64Array:
    """int16 values in units of 2**-12 / 3, which ``logistic16`` and ``tanh16`` take.

    They are multiplied, and shifted to the ``right`` with halves up.
    """
    rounding = 1 << (right - 1) if right else 0
    found: Int64Array = (values.astype(np.int64) * multiplier + rounding) >> right
    return found


def _interpolated(magnitudes: Int64Array, bits: int) -> Int64Array:
    """Entries, with ``bits`` fractional ones, at magnitudes in units of 2**-bits entries.

    Also those of magnitudes beyond the table, which are of no use.
    """
    entries = ENTRIES.astype(np.int64)
    at = np.minimum(magnitudes >> bits, len(ENTRIES) - 2)
    part = magnitudes & ((1 << bits) - 1)
    found: Int64Array = (entries[at] << bits) + part * (entries[at + 1] - entries[at])
    return found


def logistic16(values: Int64Array) -> Int64Array:
    """1 / (1 + exp(-x)) in units of 2**-15, of values x from ``scaled16``.

    Source: TFLite ``reference/integer_ops/logistic.h``, ``Logistic`` of int16.
    """
    magnitudes = np.abs(values)
    inside = _interpolated(magnitudes, 9)
    positive = np.where(magnitudes >> 9 >= 255, 0x7FFF << 10, inside)
    negative = (1 << 25) - positive
    return np.where(values >= 0, positive + 512, negative + 511) >> 10


def tanh16(values: Int64Array) -> Int64Array:
    """tanh(x) in units of 2**-15, of values x from ``scaled16``: 2 * sigmoid(2 * x) - 1.

    Source: TFLite ``reference/integer_ops/tanh.h``, ``Tanh`` of int16.
    """
    magnitudes = np.abs(values)
    inside = _interpolated(magnitudes, 8)
    above = np.where(magnitudes >> 8 >= 255, 0xFFFF << 8, inside) - (1 << 23)
    half = 1 << 7
    return np.where(values >= 0, above + half, half - 1 - above) >> 8
