"""The occupancy of the arena: Buffers and offsets -> Moments, one for each op that runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fwgen.compile.plan.problem import Buffer


@dataclass(frozen=True)
class SharedBytes:
    """``bytes`` at ``offset`` that buffers ``a`` and ``b`` both have."""

    a: int
    b: int
    offset: int
    bytes: int


@dataclass(frozen=True)
class Moment:
    """The arena while the op at one position runs: the live buffers, the bytes that they cover
    together, the end of the highest one, and the overlaps among them."""

    live: tuple[int, ...]
    bytes: int
    top: int
    shared: tuple[SharedBytes, ...]


def moments(
    buffers: Sequence[Buffer], offsets: Sequence[int], positions: int
) -> tuple[Moment, ...]:
    """The moments of all positions below ``positions``."""
    live: list[list[int]] = [[] for _ in range(positions)]
    for number, buffer in enumerate(buffers):
        for position in range(buffer.first, min(buffer.last, positions)):
            live[position].append(number)
    return tuple(_moment(buffers, offsets, numbers) for numbers in live)


def _moment(buffers: Sequence[Buffer], offsets: Sequence[int], live: Sequence[int]) -> Moment:
    covered = top = 0
    shared: list[SharedBytes] = []
    open_: list[int] = []
    for b in sorted(live, key=lambda j: (offsets[j], j)):
        begin, end = offsets[b], offsets[b] + buffers[b].bytes
        open_ = [a for a in open_ if offsets[a] + buffers[a].bytes > begin]
        for a in open_:
            common = min(end, offsets[a] + buffers[a].bytes) - begin
            shared.append(SharedBytes(min(a, b), max(a, b), begin, common))
        open_.append(b)
        covered += max(0, end - max(begin, top))
        top = max(top, end)
    return Moment(tuple(live), covered, top, tuple(shared))
