"""The problem that a planner solves: buffers with sizes and lifetimes, and how they may overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fwgen.model.alignment import ALIGNMENT


@dataclass(frozen=True)
class Buffer:
    """Memory for a tensor and its aliases, or for the scratch of op ``scratch_of``.

    Live in the half-open interval [``first``, ``last``) of op positions: op ``p`` reads its inputs
    and writes its outputs during [p, p + 1). Its offset is a multiple of ``alignment``, and
    ``offset`` if that is given. ``bytes`` is at least 1.
    """

    bytes: int
    first: int
    last: int
    tensors: tuple[int, ...] = ()
    scratch_of: int | None = None
    alignment: int = ALIGNMENT
    offset: int | None = None


@dataclass(frozen=True)
class Overlap:
    """A permission to share memory: ``upper``'s offset may be ``lower``'s + ``distance`` or more.

    Both are indices of buffers; ``distance`` is in bytes and may be negative. Without permission it
    is the size of ``lower``. The other way round stays as it was: ``upper`` wholly below ``lower``.
    """

    lower: int
    upper: int
    distance: int


class Pair(NamedTuple):
    """Two buffers that live together: b's offset is a's + ``forth`` or more, or a's b's + ``back``
    or more. Where the sum of both distances is not positive, nothing is forbidden."""

    a: int
    b: int
    forth: int
    back: int


@dataclass(frozen=True, eq=False)
class Pairs:
    """Many of them, column by column: a large graph has hundreds of thousands."""

    a: npt.NDArray[np.int32]
    b: npt.NDArray[np.int32]
    forth: npt.NDArray[np.int64]
    back: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.a)

    def __iter__(self) -> Iterator[Pair]:
        columns = (self.a, self.b, self.forth, self.back)
        return map(Pair, *(column.tolist() for column in columns))

    def where(self, mask: npt.NDArray[np.bool_]) -> Pairs:
        """Those for which ``mask`` holds."""
        return Pairs(self.a[mask], self.b[mask], self.forth[mask], self.back[mask])


@dataclass(frozen=True)
class Problem:
    """Buffers to place from offset 0 on in one region, as low as they go."""

    buffers: tuple[Buffer, ...]
    overlaps: tuple[Overlap, ...] = ()

    def pairs(self) -> Pairs:
        """The pairs of buffers that live at the same moment, in ascending order of (a, b)."""
        a, b = self._together()
        sizes = np.array([buffer.bytes for buffer in self.buffers], np.int64)
        pairs = Pairs(a, b, sizes[a], sizes[b])
        keys = a.astype(np.int64) * len(self.buffers) + b
        for o in self.overlaps:
            low, high = sorted((o.lower, o.upper))
            key = low * len(self.buffers) + high
            p = int(np.searchsorted(keys, key))
            if p < len(keys) and keys[p] == key:
                distance = pairs.forth if o.lower == low else pairs.back
                distance[p] = min(distance[p], o.distance)
        return pairs

    def sharing(self, pairs: Pairs) -> list[Pair]:
        """Those of its pairs that an overlap lets share memory."""
        sizes = np.array([buffer.bytes for buffer in self.buffers], np.int64)
        nearer = (pairs.forth < sizes[pairs.a]) | (pairs.back < sizes[pairs.b])
        return list(pairs.where(nearer))

    def _together(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The pairs (a, b), a < b, that live at the same moment."""
        first = np.array([buffer.first for buffer in self.buffers], np.int64)
        last = np.array([buffer.last for buffer in self.buffers], np.int64)
        order = np.argsort(first, kind="stable").astype(np.int32)
        # with each live those that follow it in this order and are born before its end
        start = np.arange(1, len(order) + 1)
        count = np.maximum(np.searchsorted(first[order], last[order]) - start, 0)
        earlier = np.repeat(order, count)
        within = np.arange(len(earlier)) - np.repeat(np.cumsum(count) - count, count)
        later = order[np.repeat(start, count) + within]
        a, b = np.minimum(earlier, later), np.maximum(earlier, later)
        ascending = np.lexsort((b, a))
        return a[ascending], b[ascending]


def output_below(output: int, input: int, distance: int) -> Overlap:
    """What a kernel that walks forwards permits: output no less than ``distance`` below input.

    x_input - x_output >= distance, for an input that dies at the op and an output of it.
    """
    return Overlap(output, input, distance)


def output_above(
    input: int, input_bytes: int, output: int, output_bytes: int, distance: int
) -> Overlap:
    """What a kernel that walks backwards permits: the output's end no less than ``distance`` above
    the input's end."""
    return Overlap(input, output, distance + input_bytes - output_bytes)


def sections(buffers: tuple[Buffer, ...]) -> tuple[list[tuple[int, int]], int]:
    """Each buffer's half-open interval of sections, and their number.

    Sections are the stretches of time between moments at which a buffer's life begins or ends.
    """
    moments = sorted({t for b in buffers for t in (b.first, b.last)})
    number = {moment: s for s, moment in enumerate(moments)}
    return [(number[b.first], number[b.last]) for b in buffers], max(0, len(moments) - 1)
