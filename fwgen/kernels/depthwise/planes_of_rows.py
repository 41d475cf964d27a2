"""Plans of the depthwise MVE kernels whose planes are four rows of the image side by side."""

from __future__ import annotations

from dataclasses import dataclass

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

SINGLE_WORDS = 128
"""``WORDS`` where there is one row, whose strips would be short."""

PAIR_LANES = ((0, 1, 2, 3), (0, 1, 2, 3))
WIDE_LANES = ((0, 1, 2, 3), (4, 5, 6, 7))


@dataclass(frozen=True)
class PlaneRows:
    """Strips of ``strip_h`` x ``strip_w`` outputs, from planes of ``fours`` times four rows.

    A plane has ``pitch`` words from one four to the next, of which ``strip_words`` are needed.
    ``lanes`` are the channels at a time, ``out_rows`` output rows that four input rows give.
    """

    window: PlanesWindow
    lanes: int
    out_rows: int
    fours: int
    pitch: int
    strip_h: int
    strip_w: int
    table: Table

    @property
    def strip(self) -> tuple[int, int]:
        return self.strip_h, self.strip_w

    @property
    def strip_words(self) -> int:
        return (self.strip_w - 1) * self.window.stride[1] + self.window.kernel[1]

    @property
    def words(self) -> int:
        # 8 channels are written two pixels at a time, also the last of an odd number
        return (self.fours - 1) * self.pitch + self.strip_words + (self.lanes == 8)

    def members(self) -> tuple[tuple[str, int], ...]:
        return (
            ("stride_h", self.window.stride[0]),
            ("stride_w", self.window.stride[1]),
            ("lanes", self.lanes),
            ("out_rows", self.out_rows),
            ("tables", 1),
            ("left", 0),
            ("right", 0),
            ("record", 0),
            ("words", self.words),
            ("pitch", self.pitch),
            ("strip_h", self.strip_h),
            ("strip_w", self.strip_w),
            ("strip_words", self.strip_words),
            ("last_y", self.window.output[0] - self.strip_h),
            ("inner", 0),
            ("first", 0),
        )

    def last_members(self) -> tuple[tuple[str, int], ...]:
        return ("units", len(self.table)), ("last", 0)

    @property
    def mirrors(self) -> bool:
        return mirrored(self.window, self.strip)

    def pixels_apart(self, backwards: bool) -> int:
        return pixels_apart(self.window, self.strip, backwards)

    def places(self) -> Int64Array:
        rows, columns = np.indices(self.window.kernel)
        return rows + 4 * columns

    def scratch_bytes(self) -> int:
        staging = self.strip_h * self.strip_w if self.window.channels % 4 else 0
        return FRONT + 4 * self.lanes * self.words + BACK + 16 * staging

    def cycles(self, per_round: int) -> float:
        window, lanes = self.window, self.lanes
        height, width = window.output
        across = -(-width // self.strip_w)
        strips = -(-height // self.strip_h) * across
        transpose = strips * (self.fours * (2.3 * self.strip_words * lanes + 130) + 90)
        if across > 1 or lanes == 8:  # padding, at both ends
            transpose += 2 * strips / across * self.fours * 95
        if window.channels % 4:
            transpose += height * (4 * width + 20)
        quads, blocks = -(-window.channels // 4), -(-window.channels // lanes)
        rounds = quads * strips * (per_round * len(self.table) + 35)
        return float(blocks * transpose + rounds)


def rows_plans(window: PlanesWindow) -> tuple[PlaneRows, ...]:
    """The plans of the kernel that makes two output rows of four input rows."""
    holds = dense(window) and window.kernel[0] <= 3 and window.kernel[1] <= 4
    return _in_strips(window, 16, 2) if holds and window.channels != 8 else ()


def rows_c8_plans(window: PlanesWindow) -> tuple[PlaneRows, ...]:
    """The same for 8 channels."""
    holds = dense(window) and window.kernel[0] <= 3 and window.kernel[1] <= 4
    return _in_strips(window, 8, 2) if holds and window.channels == 8 else ()


def single_plans(window: PlanesWindow) -> tuple[PlaneRows, ...]:
    """The plans of the kernel that makes the only row of four input rows, as bands have it."""
    holds = dense(window) and max(window.kernel) <= 4 and window.output[0] == 1
    return _in_strips(window, 16, 1) if holds else ()


def wide_plans(window: PlanesWindow) -> tuple[PlaneRows, ...]:
    """The plans of the kernel that makes one row of four input rows, every other column."""
    holds = window.stride[1] == 2 and window.dilation == (1, 1) and max(window.kernel) <= 4
    return _in_strips(window, 16, 1) if holds else ()


def _in_strips(window: PlanesWindow, lanes: int, out: int) -> tuple[PlaneRows, ...]:
    """Plans with strips of the full width, and narrower ones down to the columns of a round."""
    if not window.fits_members:
        return ()
    least = 4 if out == 2 else 8
    widths = {-(-window.output[1] // n) for n in range(1, -(-window.output[1] // least) + 1)}
    plans = []
    for strip_w in sorted(widths):
        across = -(-window.output[1] // strip_w)
        most = -(-window.output[0] // out)
        tried = sorted({-(-most // n) for n in range(1, most + 1)}) if across == 1 else [1]
        found = [_rows(window, lanes, out, strip_w, fours) for fours in tried]
        plans += [plan for plan in found if plan is not None]
    return tuple(plans)


def _rows(window: PlanesWindow, lanes: int, out: int, strip_w: int, fours: int) -> PlaneRows | None:
    """A plan with ``out`` output rows of each of ``fours`` times four input rows."""
    (height, width), stride = window.output, window.stride[1]
    strip_words = (strip_w - 1) * stride + window.kernel[1]
    pitch = window.input[1] + max(window.before[1], window.reach)
    pitch += -pitch % stride
    if out * fours > height > 1:
        fours -= 1
    most = SINGLE_WORDS if height == 1 and out == 1 else WORDS
    if fours < 1 or (fours - 1) * pitch + strip_words >= most:
        return None
    row = (strip_w if window.channels % 4 else width) * window.step
    upper = {
        i * pitch // stride + j: out * i * row + j * window.step
        for i in range(fours)
        for j in range(strip_w)
    }
    if out == 1:
        rounds = table(upper, upper, WIDE_LANES)
    else:
        lower = {f: offset + row for f, offset in upper.items()}
        # a single row is the second of a pair
        rounds = table(upper if height > 1 else {}, lower, PAIR_LANES)
    if rounds is None:
        return None
    rounds[:, 0] *= 4 * stride
    return PlaneRows(window, lanes, out, fours, pitch, out * fours, strip_w, rounds)
