"""Tables of 513 values of a function of int16, between which TFLM interpolates.

The C twin is ``fwgen/kernels/reference/lut_513.h``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from fwgen.model.element import Element
from fwgen.model.fixed_point import Int64Array

STEPS = 512
Floats = npt.NDArray[np.float32]


def _rounded(values: Floats) -> Floats:
    """To the nearest integer, halves away from zero."""
    whole = np.floor(np.abs(values).astype(np.float64) + 0.5)
    return np.asarray(np.copysign(whole, values), np.float32)


def table_of(
    function: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
    span: float,
    zero_point: int,
) -> npt.NDArray[np.int16]:
    """A table of ``function``, whose argument is 0 at ``zero_point`` and goes over a ``span``.

    The result is in units of 2/65535. All in float32, in which the function is rounded. Entries
    make up for half of the error of the interpolation. Source: TFLite ``internal/common.h``,
    ``LUTPopulateInt16``.
    """
    low, high = Element.S16.limits
    one, two = np.float32(1), np.float32(2)
    input_scale, unit = np.float32(span) / np.float32(high - low), two / np.float32(high - low)
    first, last = (input_scale * np.float32(end - zero_point) for end in (low, high))
    step = (last - first) / np.float32(STEPS)
    inverse = np.float32(high - low + 1) / (unit * np.float32(high) - unit * np.float32(low))

    def at(places: Floats) -> Floats:
        return np.asarray(function(places.astype(np.float64)), np.float32)

    count = np.arange(STEPS + 1, dtype=np.float32)
    values = at(first + count[:-1] * step)
    following = at(first + count[1:] * step)
    middles = at(first + count[:-1] * step + step / two)
    samples = _rounded(values * inverse)
    between = _rounded((following * inverse + samples) / two)
    bias = _rounded((between - _rounded(middles * inverse)) / two)
    end = _rounded(at(np.array([last], np.float32)) * inverse * one)
    return np.clip(np.append(samples - bias, end), low, high).astype(np.int16)


def looked_up(table: npt.NDArray[np.int16], values: Int64Array) -> Int64Array:
    """The function at int16 ``values``. Source: TFLite ``internal/common.h``, ``LUTLookup``."""
    wide = table.astype(np.int64)
    place = 256 + (values >> 7)
    base = wide[place]
    found: Int64Array = base + ((wide[place + 1] - base) * (values & 127) + 64 >> 7)
    return found
