"""Plans of the depthwise MVE kernels whose planes are a ring of two pairs of rows of the image.

A word of a plane is 2 x 2 pixels of a channel. Words of two pairs of rows take turns, so a patch of
4 x 4 pixels is 16 consecutive bytes. Each pair of rows takes the place of the one that is no longer
needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fwgen.kernels.depthwise.planes import (
    BACK,
    FRONT,
    Int64Array,
    PlanesWindow,
    Table,
    dense,
    table,
)
from fwgen.kernels.depthwise.planes_of_rows import WIDE_LANES
from fwgen.ops.parts.overlap import FAR, borders, nested_distance

WINDOW, TABLE = 16, 256
"""Bytes of a window, and of those of 16 channels; parameters of 16 channels have as many."""

PATCH_LANES = (1, 0, 3, 2)
"""Columns of a row of outputs of two patches, in the order in which they are stored."""


@dataclass(frozen=True)
class Ring:
    """Two pairs of rows give ``out_rows`` output rows, of ``rounds`` rounds each.

    ``table`` has those of two pairs of rows, and where the last two give one row only, theirs.
    ``lanes`` are the channels at a time.
    """

    window: PlanesWindow
    out_rows: int
    rounds: int
    table: Table
    lanes: int = 16

    @property
    def words(self) -> int:
        """Words that a plane has of a pair of rows: the columns of all patches."""
        return -(-self.window.output[1] // self.out_rows) + 1

    @property
    def inner(self) -> range:
        """Those that have two columns of the input."""
        before, width = self.window.before[1], self.window.input[1]
        first = (before + 1) // 2
        return range(first, max(first, min(self.words, (before + width) // 2)))

    @property
    def edges(self) -> tuple[bool, bool]:
        """Whether there is a word with the first column of the input alone, one with the last."""
        before, end = self.window.before[1], self.window.before[1] + self.window.input[1]
        return before % 2 == 1, end % 2 == 1 and self.inner.stop == end // 2 < self.words

    @property
    def steps(self) -> int:
        """How often two pairs of rows give outputs."""
        return -(-self.window.output[0] // self.out_rows)

    @property
    def record(self) -> int:
        """Bytes from the windows of even pairs to those of odd ones."""
        return 4 * WINDOW if self.lanes == 4 else 16 + TABLE * (self.out_rows**2 + 1)

    def members(self) -> tuple[tuple[str, int], ...]:
        left, right = self.edges
        return (
            ("stride_h", self.window.stride[0]),
            ("stride_w", self.window.stride[1]),
            ("lanes", self.lanes),
            ("out_rows", self.out_rows),
            ("tables", self.out_rows**2),
            ("left", int(left)),
            ("right", int(right)),
            ("record", self.record),
            ("words", 2 * self.words),
            ("pitch", 0),
            ("strip_h", self.out_rows),
            ("strip_w", self.window.output[1]),
            ("strip_words", 0),
            ("last_y", (self.steps - 1) * self.out_rows),
            ("inner", len(self.inner)),
            ("first", self.inner.start),
        )

    def last_members(self) -> tuple[tuple[str, int], ...]:
        return ("units", self.rounds), ("last", len(self.table) - self.rounds)

    def places(self) -> Int64Array:
        """(outputs of a patch, kernel_h, kernel_w)."""
        found = []
        for down in range(self.out_rows):
            for right in range(self.out_rows):
                rows, columns = np.indices(self.window.kernel)
                rows, columns = rows + down, columns + right
                within = 2 * (columns % 2) + rows % 2
                found.append(8 * (columns // 2) + 4 * (rows // 2) + within)
        return np.stack(found)

    def scratch_bytes(self) -> int:
        records = 2 * self.record if self.lanes > 4 else 0
        staging = self.out_rows * self.window.output[1] if self.window.channels % 4 else 0
        return records + FRONT + 8 * self.lanes * self.words + BACK + 16 * staging

    def cycles(self, per_round: int) -> float:
        window = self.window
        quads, blocks = -(-window.channels // 4), -(-window.channels // self.lanes)
        word, pair = (37, 120) if self.lanes > 4 else (54 / 4, 180)
        pairs = (self.steps + 1) * (word * len(self.inner) + pair)
        if any(self.edges):
            pairs += (self.steps + 1) * (37 * sum(self.edges) + 130)
        put = self.steps * 60
        if window.channels % 4:
            put += window.output[0] * (4 * window.output[1] + 20)
        expand = 250 * self.out_rows**2 + 150
        rounds = quads * self.steps * (per_round * self.rounds + 27)
        return float(blocks * (pairs + put + expand) + rounds)

    @property
    def mirrors(self) -> bool:
        """Whether it can go from the last row to the first: images follow one another forwards."""
        return self.window.batches == 1

    def pixels_apart(self, backwards: bool) -> int:
        """``overlap.distance`` in pixels. A step reads one pair of rows, the first one two."""
        window = self.window
        height, width = window.input
        reach = (window.output[1] - 1) * window.stride[1] + window.kernel[1]
        columns = min(width, reach - window.before[1])
        steps = np.arange(self.steps)
        top = 2 * (steps + 1) - window.before[0]
        top[:1] = -window.before[0]
        written = np.minimum((steps + 1) * self.out_rows, window.output[0]) * window.output[1]
        pixels = height * width, window.output[0] * window.output[1]
        if not backwards:
            image = np.array(borders(range(window.batches)), dtype=np.int64)
            return nested_distance(
                (image * pixels[0], image * pixels[1]),
                (np.where(top < height, np.maximum(top, 0) * width, -FAR), written),
            )
        needed = 1 if self.out_rows == window.kernel[0] == 1 else 2  # rows of a pair
        bottom = 2 * steps[::-1] + needed - window.before[0]
        bottom[:1] += 2
        ends = np.where(bottom > 0, (np.minimum(bottom, height) - 1) * width + columns, FAR)
        starts = steps[::-1] * self.out_rows * window.output[1]
        return nested_distance((pixels[0] - ends, pixels[1] - starts))


def stride2_rings(window: PlanesWindow) -> tuple[Ring, ...]:
    """The plans of the kernel that makes one output of a patch, that of 4 channels last."""
    if (
        not window.fits_members
        or window.stride != (2, 2)
        or window.dilation != (1, 1)
        or max(window.kernel) > 4
    ):
        return ()
    outputs = {j: j * window.step for j in range(window.output[1])}
    rounds = table(outputs, outputs, WIDE_LANES)
    if rounds is None:
        return ()
    rounds[:, 0] *= 8
    ring = Ring(window, 1, len(rounds), rounds)
    few = replace(ring, lanes=4)
    whole = window.channels % 4 == len(ring.inner) % 4 == 0 and not any(ring.edges)
    return (ring, few) if whole and window.channels > 4 else (ring,)


def dense_rings(window: PlanesWindow) -> tuple[Ring, ...]:
    """The plan of the kernel that makes 2 x 2 outputs of a patch."""
    (height, width), step = window.output, window.step
    if not window.fits_members or not dense(window) or max(window.kernel) > 3 or height < 2:
        return ()
    row = width * step
    # columns of a round are two patches; the last patch is its second
    starts = range(-(-width // 2) * 2 - 4, -4, -4)
    rounds = []
    for lower in (True, False) if height % 2 else (True,):
        for start in reversed(starts):
            columns = [start + lane for lane in PATCH_LANES]
            upper = [j * step if 0 <= j < width else columns[-1] * step for j in columns]
            both = [
                [
                    offset + row if lower and 0 <= j < width else columns[-1] * step
                    for j, offset in zip(columns, upper, strict=True)
                ],
                upper,
            ]
            rounds.append([start // 2 * 8, *both[0], *both[1]])
    if row + row > 0xFFFF:
        return ()
    made = np.array(rounds, dtype=np.int64).astype(np.uint16)
    return (Ring(window, 2, len(starts), made),)
