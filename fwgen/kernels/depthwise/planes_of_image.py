"""Plans of the depthwise MVE kernels whose planes are the padded image itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from fwgen.kernels.depthwise.planes import (
    BACK,
    FRONT,
    WORDS,
    Int64Array,
    PlanesWindow,
    Table,
    dense,
    mirrored,
    pixels_apart,
    table,
)

FLAT_WINDOW = 15
"""Bytes of a window: the 16th weight is 0, so that all can be moved by one."""

FLAT_LANES = ((0, 2, 4, 6), (1, 3, 5, 7))


@dataclass(frozen=True)
class Flat:
    """Strips of ``strip_h`` output rows; rows of the padded image are ``pitch`` pixels apart.

    ``part_h`` of them are gathered and transposed at a time.
    """

    window: PlanesWindow
    pitch: int
    strip_h: int
    part_h: int
    table: Table
    lanes: int = 16

    @property
    def strip(self) -> tuple[int, int]:
        return self.strip_h, self.window.output[1]

    @property
    def rows(self) -> int:
        return self.strip_h + self.window.kernel[0] - 1

    @property
    def words(self) -> int:
        return -(-(self.rows * self.pitch + self.window.before[1]) // 4)

    def members(self) -> tuple[tuple[str, int], ...]:
        return (
            ("pitch", self.pitch),
            ("strip_h", self.strip_h),
            ("rows", self.rows),
            ("words", self.words),
            ("part_h", self.part_h),
        )

    def last_members(self) -> tuple[tuple[str, int], ...]:
        return (("units", len(self.table)),)

    @property
    def mirrors(self) -> bool:
        return mirrored(self.window, self.strip)

    def pixels_apart(self, backwards: bool) -> int:
        return pixels_apart(self.window, self.strip, backwards)

    def places(self) -> Int64Array:
        rows, columns = np.indices(self.window.kernel)
        return rows * self.pitch + columns

    def scratch_bytes(self) -> int:
        image = self.part_h * self.pitch if self.part_h < self.rows else 4 * self.words
        staging = self.strip_h * self.window.output[1] if self.window.channels % 4 else 0
        return FRONT + 64 * self.words + BACK + 16 * (image + staging)

    def cycles(self, per_round: int) -> float:
        window = self.window
        parts = -(-self.rows // self.part_h)
        runs = parts if self.pitch == window.input[1] else self.rows
        image = 4 * self.rows * window.input[1] + 20 * runs + 37 * self.words + 110 * parts
        quads, blocks = -(-window.channels // 4), -(-window.channels // 16)
        strips = -(-window.output[0] // self.strip_h)
        if window.channels % 4:
            image += 4 * self.strip_h * window.output[1] + 20
        return float(strips * (blocks * (image + 80) + quads * (per_round * len(self.table) + 35)))


def flat_plans(window: PlanesWindow) -> tuple[Flat, ...]:
    """The plans of the "flat" kernels, none if they do not hold."""
    kernel_h, kernel_w = window.kernel
    # no byte of a plane may belong to two taps of a window
    pitch = max(window.input[1] + max(window.before[1], window.reach), kernel_w)
    most = (4 * WORDS - window.before[1]) // pitch - kernel_h + 1
    if not dense(window) or (kernel_h - 1) * pitch + kernel_w > FLAT_WINDOW or most < 1:
        return ()
    plans = []
    for strip_h in _heights(window.output[0], most):
        rounds = _flat_table(window, pitch, strip_h)
        rows = strip_h + kernel_h - 1
        whole_words = 4 // gcd(pitch, 4)
        parts = {rows, *(n for n in (whole_words, 2 * whole_words) if n < rows)}
        if rounds is not None:
            plans += [Flat(window, pitch, strip_h, part_h, rounds) for part_h in sorted(parts)]
    return tuple(plans)


def _flat_table(window: PlanesWindow, pitch: int, strip_h: int) -> Table | None:
    width = window.output[1]
    outputs = {
        i * pitch + j: (i * width + j) * window.step for i in range(strip_h) for j in range(width)
    }
    return table(outputs, outputs, FLAT_LANES)


def _heights(height: int, most: int) -> list[int]:
    """Heights of strips up to ``most``: for fewest strips, and smaller ones down to half of it."""
    heights = {-(-height // n) for n in range(-(-height // most), height + 1)}
    tallest = max(heights)
    halves = {tallest >> k for k in range(tallest.bit_length())}
    # strips that fill the height need no last one moved back over what others have read
    return sorted({h for h in heights if height % h == 0 or h in halves or h == tallest})
