"""Fourier transforms of real samples and back, as TFLM's library KISS FFT computes them.

The C twin is ``fwgen/kernels/reference/fourier.h``, which says how. Complex arrays have real and
imaginary parts along their last axis. Source: ``kiss_fft.c`` and ``kiss_fftr.c``, with
``FIXED_POINT`` 16 or 32, or without it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.model.element import Element

Numbers = npt.NDArray[Any]
"""int64 or float32: integers, which wrap at the bits of their element type, or floats."""


def radices(points: int) -> list[int]:
    """By how many the stages join spectra, in their order; [] if that takes a radix beyond 5.

    Radix 4 comes last, then 2, 3 and 5. KISS FFT has other radices, for which it allocates memory,
    which there is none of in TFLM.
    """
    found: list[int] = []
    for radix in (4, 2, 3, 5):
        while points % radix == 0:
            found.insert(0, radix)
            points //= radix
    return found if points == 1 else []


def order(points: int) -> npt.NDArray[np.int64]:
    """(points,): which sample is where before the first stage."""
    places = np.zeros(1, np.int64)
    for radix in radices(points):
        places = np.concatenate([places * radix + k for k in range(radix)])
    return places


@dataclass(frozen=True)
class Fourier:
    """A transform of ``points`` complex numbers of an element type: int16, int32 or float32.

    Integers are in units of 2**-15 or 2**-31, and spectra of integers are divided by ``points``.
    """

    element: Element
    points: int
    inverse: bool = False

    @property
    def bits(self) -> int:
        """Of a fraction of an integer."""
        return self.element.bytes * 8 - 1

    def roots(self) -> Numbers:
        """(points, 2): the roots of 1."""
        return self._exponentials([-2 * math.pi * k / self.points for k in range(self.points)])

    def halves(self) -> Numbers:
        """(points // 2, 2): what makes the spectrum of samples of that of their pairs."""
        turns = [(k + 1) / self.points + 0.5 for k in range(self.points // 2)]
        return self._exponentials([-math.pi * turn for turn in turns])

    def _exponentials(self, angles: Sequence[float]) -> Numbers:
        """exp(i * angle); parts of integers are rounded to the nearest, halves up."""
        sign = -1 if self.inverse else 1
        pairs = [(math.cos(sign * angle), math.sin(sign * angle)) for angle in angles]
        if not self.element.is_integer:
            return np.array(pairs, np.float32)
        most = self.element.high
        return np.array([[math.floor(0.5 + most * x) for x in pair] for pair in pairs], np.int64)

    def real_spectrum(self, samples: Numbers) -> Numbers:
        """(rows, 2 * points) to (rows, points + 1, 2)."""
        points = self.points
        f = self._transformed(samples.reshape(len(samples), points, 2))
        found = np.zeros((len(f), points + 1, 2), f.dtype)
        whole = self._part(f[:, 0], 2)
        found[:, 0, 0] = whole[:, 0] + whole[:, 1]
        found[:, points, 0] = whole[:, 0] - whole[:, 1]
        k = np.arange(1, points // 2 + 1)
        even, odd = self._even_and_odd(f[:, k], f[:, points - k])
        found[:, k] = self._halved(even + odd)
        mirrored = [even[..., 0] - odd[..., 0], odd[..., 1] - even[..., 1]]
        found[:, points - k] = self._halved(np.stack(mirrored, axis=-1))
        return self._wrapped(found)

    def real_samples(self, spectrum: Numbers) -> Numbers:
        """(rows, points + 1, 2) to (rows, 2 * points), of floats 2 * points times too large."""
        points = self.points
        f = np.zeros((len(spectrum), points, 2), spectrum.dtype)
        first, last = spectrum[:, 0, 0], spectrum[:, points, 0]
        f[:, 0] = self._part(self._wrapped(np.stack([first + last, first - last], axis=-1)), 2)
        k = np.arange(1, points // 2 + 1)
        even, odd = self._even_and_odd(spectrum[:, k], spectrum[:, points - k])
        f[:, k] = self._wrapped(even + odd)
        f[:, points - k] = self._wrapped(_mirrored(self._wrapped(even - odd)))
        return self._transformed(f).reshape(len(f), 2 * points)

    def _even_and_odd(self, front: Numbers, back: Numbers) -> tuple[Numbers, Numbers]:
        """Half of the sum of points and those that mirror them, and of the difference, turned."""
        a, b = self._part(front, 2), self._part(self._wrapped(_mirrored(back)), 2)
        return self._wrapped(a + b), self._product(self._wrapped(a - b), self.halves())

    def _transformed(self, f: Numbers) -> Numbers:
        """(rows, points, 2) to the same."""
        rows, points = f.shape[:2]
        unity, size = self.roots(), 1
        f = f[:, order(points)]
        for radix in radices(points):
            step = points // (size * radix)
            parts = self._part(f.reshape(rows, step, radix, size, 2), radix)
            turned = [
                self._product(parts[:, :, j], unity[np.arange(size) * j * step])
                for j in range(1, radix)
            ]
            joined = [self._wrapped(one) for one in self._joined(parts[:, :, 0], *turned)]
            f = np.stack(joined, axis=2).reshape(rows, points, 2)
            size *= radix
        return f

    def _joined(self, first: Numbers, *others: Numbers) -> list[Numbers]:
        """The outputs of a butterfly of as many inputs."""
        if len(others) == 1:
            return [first + others[0], first - others[0]]
        if len(others) == 2:
            return self._three(first, *others)
        return self._four(first, *others) if len(others) == 3 else self._five(first, *others)

    def _three(self, first: Numbers, a: Numbers, b: Numbers) -> list[Numbers]:
        total = self._wrapped(a + b)
        sine = self.roots()[self.points // 3, 1]
        side = _quarter(self._scaled(self._wrapped(a - b), sine))
        middle = self._wrapped(first - self._halved(total))
        return [first + total, middle - side, middle + side]

    def _four(self, first: Numbers, a: Numbers, b: Numbers, c: Numbers) -> list[Numbers]:
        even, odd = self._wrapped(first + b), self._wrapped(first - b)
        outer, inner = self._wrapped(a + c), _quarter(self._wrapped(a - c))
        if self.inverse:
            inner = -inner
        return [even + outer, odd + inner, even - outer, odd - inner]

    def _five(self, first: Numbers, *others: Numbers) -> list[Numbers]:
        a, b, c, d = others
        unity, scaled = self.roots(), self._scaled
        (near, near_sine), (far, far_sine) = (unity[self.points // 5 * k] for k in (1, 2))
        outer, inner = self._wrapped(a + d), self._wrapped(b + c)
        outward, inward = self._wrapped(a - d), self._wrapped(b - c)
        one = self._wrapped(first + scaled(outer, near) + scaled(inner, far))
        two = self._wrapped(first + scaled(outer, far) + scaled(inner, near))
        beside = _quarter(scaled(outward, near_sine)) + _quarter(scaled(inward, far_sine))
        aside = _quarter(scaled(inward, near_sine)) - _quarter(scaled(outward, far_sine))
        beside, aside = self._wrapped(beside), self._wrapped(aside)
        return [first + (outer + inner), one - beside, two + aside, two - aside, one + beside]

    def _product(self, a: Numbers, b: Numbers) -> Numbers:
        real = a[..., 0] * b[..., 0] - a[..., 1] * b[..., 1]
        imaginary = a[..., 0] * b[..., 1] + a[..., 1] * b[..., 0]
        return self._rounded(np.stack([real, imaginary], axis=-1))

    def _part(self, values: Numbers, parts: int) -> Numbers:
        """Integers are divided, so that no sum of so many is too large."""
        if not self.element.is_integer:
            return values
        return self._scaled(values, np.int64(self.element.high // parts))

    def _scaled(self, values: Numbers, factor: np.generic) -> Numbers:
        return self._rounded(values * factor)

    def _rounded(self, products: Numbers) -> Numbers:
        if not self.element.is_integer:
            return products
        return self._wrapped((products + (1 << (self.bits - 1))) >> self.bits)

    def _halved(self, sums: Numbers) -> Numbers:
        """Sums of int16 do not wrap before, as they are C's ``int``."""
        if not self.element.is_integer:
            return sums * np.float32(0.5)
        return (sums if self.element is Element.S16 else self._wrapped(sums)) >> 1

    def _wrapped(self, values: Numbers) -> Numbers:
        if not self.element.is_integer:
            return values
        return values.astype(self.element.numpy).astype(np.int64)


def _mirrored(values: Numbers) -> Numbers:
    return np.stack([values[..., 0], -values[..., 1]], axis=-1)


def _quarter(values: Numbers) -> Numbers:
    """Times -i."""
    return np.stack([values[..., 1], -values[..., 0]], axis=-1)
