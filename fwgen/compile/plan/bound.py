"""A lower bound: Problem -> a size in bytes that no plan can be below."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from fwgen.compile.plan.problem import Pair, Problem, sections
from fwgen.model.alignment import aligned


def lower_bound_bytes(problem: Problem, sharing: Sequence[Pair] = ()) -> int:
    """The most bytes that any plan must have in memory at one moment; ``sharing`` are the pairs
    that may overlap.

    Let buffers live at the same moment, with sizes rounded up to the alignment of offsets. They
    cover at least the sum of their sizes less the most that each pair can share (Bonferroni). They
    also cover at least the sum of any buffers that share nothing. Rounding of the topmost one is
    not counted.
    """
    buffers = problem.buffers
    if not buffers:
        return 0
    step = gcd(*(b.alignment for b in buffers))
    stacked = [aligned(b.bytes, step) for b in buffers]
    intervals, count = sections(buffers)
    padding = [0] * count
    for (begin, end), size, b in zip(intervals, stacked, buffers, strict=True):
        for t in range(begin, end) if size > b.bytes else ():
            padding[t] = max(padding[t], size - b.bytes)
    live = [0] * (count + 1)
    _add(live, intervals, stacked)
    solid = live.copy()
    dropped: set[int] = set()
    for pair in sharing:
        shared = shared_bytes(pair, stacked[pair.a], stacked[pair.b], step)
        if shared == 0:
            continue
        begin = max(intervals[pair.a][0], intervals[pair.b][0])
        end = min(intervals[pair.a][1], intervals[pair.b][1])
        _add(live, [(begin, end)], [-shared])
        if not {pair.a, pair.b} & dropped:
            smaller = min(pair.a, pair.b, key=lambda j: (stacked[j], j))
            dropped.add(smaller)
            _add(solid, [intervals[smaller]], [-stacked[smaller]])
    peak = 0
    covered = [0, 0]
    for t in range(count):
        covered = [covered[0] + live[t], covered[1] + solid[t]]
        peak = max(peak, max(covered) - padding[t])
    ends = (b.bytes + (b.offset or 0) for b in buffers)
    return max(peak, *ends)


def shared_bytes(pair: Pair, a_bytes: int, b_bytes: int, step: int = 1) -> int:
    """The most that two buffers share in any arrangement that the pair allows.

    Let d = x_b - x_a, a multiple of ``step``. As d rises, the shared bytes rise, stay and fall. So
    of all d outside the pair's forbidden interval, those next to the rise are the best.
    """
    low = -aligned(pair.back, step)
    high = aligned(pair.forth, step)
    best = min(0, a_bytes - b_bytes), max(0, a_bytes - b_bytes)
    if low >= best[0] or high <= best[1]:
        return min(a_bytes, b_bytes)
    return max(0, *(min(a_bytes, d + b_bytes) - max(0, d) for d in (low, high)))


def _add(steps: list[int], intervals: list[tuple[int, int]], sizes: list[int]) -> None:
    """Add each size from its interval's begin on, take it away at its end."""
    for (begin, end), size in zip(intervals, sizes, strict=True):
        steps[begin] += size
        steps[end] -= size
