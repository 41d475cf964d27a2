"""The Fourier transform of real samples in 16 bits, as TFLM's library KISS FFT computes it.

The C twin is ``fwgen/kernels/reference/signal_rfft_s16.c``, which says how. Complex arrays have
real and imaginary parts along their last axis. Source: ``kiss_fft.c`` and ``kiss_fftr.c``, with
``FIXED_POINT`` 16.
"""

from __future__ import annotations

import math

import numpy as np

from fwgen.model.element import Element
from fwgen.model.fixed_point import Int64Array

MOST = Element.S16.high


def _wrapped(values: Int64Array) -> Int64Array:
    return values.astype(Element.S16.numpy).astype(np.int64)


def _rounded(values: Int64Array) -> Int64Array:
    return _wrapped((values + (1 << 14)) >> 15)


def _part(values: Int64Array, parts: int) -> Int64Array:
    return _rounded(values * (MOST // parts))


def _product(a: Int64Array, b: Int64Array) -> Int64Array:
    real = a[..., 0] * b[..., 0] - a[..., 1] * b[..., 1]
    imaginary = a[..., 0] * b[..., 1] + a[..., 1] * b[..., 0]
    return _rounded(np.stack([real, imaginary], axis=-1))


def _turned(values: Int64Array) -> Int64Array:
    """Times -i."""
    return np.stack([values[..., 1], -values[..., 0]], axis=-1)


def _exponentials(turns: list[float]) -> Int64Array:
    """exp(-2 pi i t), each part rounded to the nearest, halves up."""
    angles = [-2 * math.pi * turn for turn in turns]
    pairs = [(math.cos(angle), math.sin(angle)) for angle in angles]
    return np.array([[math.floor(0.5 + MOST * x) for x in pair] for pair in pairs], np.int64)


def roots(points: int) -> Int64Array:
    """(points, 2): the roots of 1."""
    return _exponentials([k / points for k in range(points)])


def halves(points: int) -> Int64Array:
    """(points / 2, 2): what makes the spectrum of samples of that of their pairs."""
    return _exponentials([((k + 1) / points + 0.5) / 2 for k in range(points // 2)])


def radices(points: int) -> list[int]:
    """By how many the stages join spectra, in their order; ``points`` are a power of 2."""
    bits = points.bit_length() - 1
    return [2] * (bits % 2) + [4] * (bits // 2)


def order(points: int) -> Int64Array:
    """(points,): which sample is where before the first stage."""
    places = np.zeros(1, np.int64)
    for radix in radices(points):
        places = np.concatenate([places * radix + k for k in range(radix)])
    return places


def real_spectrum(samples: Int64Array) -> Int64Array:
    """int16 (rows, 2 * points) to (rows, points + 1, 2); points are a power of 2, at least 2."""
    rows, points = len(samples), samples.shape[1] // 2
    f = samples.reshape(rows, points, 2)[:, order(points)].astype(np.int64)
    unity, size = roots(points), 1
    for radix in radices(points):
        step = points // (size * radix)
        parts = _part(f.reshape(rows, step, radix, size, 2), radix)
        turned = [
            _product(parts[:, :, j], unity[np.arange(size) * j * step]) for j in range(1, radix)
        ]
        f = _joined(parts[:, :, 0], turned).reshape(rows, points, 2)
        size *= radix
    return _split(f, points)


def _joined(first: Int64Array, others: list[Int64Array]) -> Int64Array:
    if len(others) == 1:
        (b,) = others
        return _wrapped(np.stack([first + b, first - b], axis=2))
    a, b, c = others
    even, odd = _wrapped(first + b), _wrapped(first - b)
    outer, inner = _wrapped(a + c), _turned(_wrapped(a - c))
    return _wrapped(np.stack([even + outer, odd + inner, even - outer, odd - inner], axis=2))


def _split(f: Int64Array, points: int) -> Int64Array:
    found = np.zeros((len(f), points + 1, 2), np.int64)
    whole = _part(f[:, 0], 2)
    found[:, 0, 0] = whole.sum(axis=1)
    found[:, points, 0] = whole[:, 0] - whole[:, 1]
    k = np.arange(1, points // 2 + 1)
    a = _part(f[:, k], 2)
    b = _part(_wrapped(f[:, points - k] * np.array([1, -1])), 2)
    even, odd = _wrapped(a + b), _product(_wrapped(a - b), halves(points))
    found[:, k] = (even + odd) >> 1
    mirrored = (even - odd) * np.array([1, -1])
    found[:, points - k] = mirrored >> 1
    return _wrapped(found)
