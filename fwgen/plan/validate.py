"""The plan's judge: checks every pair of buffers the slow way, sharing no code with the planner."""

from __future__ import annotations

from collections.abc import Sequence

from fwgen.plan.problem import Buffer, Overlap


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
        for j in range(i):
            b, bt = buffers[j], offsets[j]
            together = max(a.first, b.first) < min(a.last, b.last)
            if together and at < bt + b.bytes and bt < at + a.bytes:
                allowed = any(
                    {o.lower, o.upper} == {i, j}
                    and offsets[o.upper] - offsets[o.lower] >= o.distance
                    for o in overlaps
                )
                if not allowed:
                    found.append(f"Buffers {j} and {i} share memory while both are live.")
    return found
