"""What a planner is asked: buffers with sizes and lifetimes, and which of them may overlap how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fwgen.alignment import ALIGNMENT


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


@dataclass(frozen=True)
class Pair:
    """Two buffers that live together: b's offset is a's + ``forth`` or more, or a's b's + ``back``
    or more. Where the sum of both distances is not positive, nothing is forbidden."""

    a: int
    b: int
    forth: int
    back: int


@dataclass(frozen=True)
class Problem:
    """Buffers to place from offset 0 on in one region, as low as they go."""

    buffers: tuple[Buffer, ...]
    overlaps: tuple[Overlap, ...] = ()

    def pairs(self) -> list[Pair]:
        """The pairs of buffers that live at the same moment, by index."""
        permitted: dict[tuple[int, int], int] = {}
        for o in self.overlaps:
            key = (o.lower, o.upper)
            permitted[key] = min(o.distance, permitted.get(key, self.buffers[o.lower].bytes))
        pairs = []
        for a, b in sorted(self._together()):
            forth = permitted.get((a, b), self.buffers[a].bytes)
            back = permitted.get((b, a), self.buffers[b].bytes)
            pairs.append(Pair(a, b, forth, back))
        return pairs

    def _together(self) -> Iterator[tuple[int, int]]:
        """The pairs (a, b), a < b, that live at the same moment."""
        live: list[int] = []
        for b in sorted(range(len(self.buffers)), key=lambda j: self.buffers[j].first):
            live = [a for a in live if self.buffers[a].last > self.buffers[b].first]
            yield from ((min(a, b), max(a, b)) for a in live)
            live.append(b)


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
