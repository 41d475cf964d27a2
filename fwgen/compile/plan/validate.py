"""The validation of a plan: a check of every pair of buffers that shares no code with the
planner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.compile.plan.problem import Buffer, Overlap


def faults(
    buffers: Sequence[Buffer],
    offsets: Sequence[int],
    arena_bytes: int,
    overlaps: Sequence[Overlap] = (),
) -> list[str]:
    """What is wrong with a plan, one sentence each; empty if it is valid."""
    if len(buffers) != len(offsets):
        return [f"There are {len(buffers)} buffers but {len(offsets)} offsets."]
    found = []
    for i, (a, at) in enumerate(zip(buffers, offsets, strict=True)):
        if at < 0 or at + a.bytes > arena_bytes:
            found.append(f"Buffer {i} at {at} with {a.bytes} bytes is outside 0..{arena_bytes}.")
        if at % a.alignment:
            found.append(f"Buffer {i} at {at} is not aligned to {a.alignment} bytes.")
        if a.offset is not None and at != a.offset:
            found.append(f"Buffer {i} at {at} is not at {a.offset}, where it is fixed.")
    allowed = {
        frozenset((o.lower, o.upper))
        for o in overlaps
        if offsets[o.upper] - offsets[o.lower] >= o.distance
    }
    found += [
        f"Buffers {j} and {i} share memory while both are live."
        for i, j in _collisions(buffers, offsets)
        if frozenset((i, j)) not in allowed
    ]
    return found


def _collisions(buffers: Sequence[Buffer], offsets: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs (i, j), j < i, that have a byte in common at some moment."""
    first = np.array([b.first for b in buffers], np.int64)
    last = np.array([b.last for b in buffers], np.int64)
    begin = np.array(offsets, np.int64)
    end = begin + np.array([b.bytes for b in buffers], np.int64)
    pairs = []
    for i in range(len(buffers)):
        together = (first[:i] < last[i]) & (first[i] < last[:i])
        shared = together & (begin[:i] < end[i]) & (begin[i] < end[:i])
        pairs += [(i, int(j)) for j in np.flatnonzero(shared)]
    return pairs
