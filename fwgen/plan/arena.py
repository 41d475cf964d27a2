"""Buffers -> offsets: greedy best fit under several orders, and the lower bound beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fwgen.plan.buffers import Buffer

ALIGNMENT = 16
"""Bytes: what vector loads and DMA of the supported cores want."""


def aligned(size: int) -> int:
    """``size`` rounded up to ALIGNMENT."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def lower_bound_bytes(buffers: Sequence[Buffer]) -> int:
    """The most that is live at one moment: no packing can be smaller."""
    events: dict[int, int] = {}
    for buffer in buffers:
        size = aligned(buffer.bytes)
        events[buffer.first] = events.get(buffer.first, 0) + size
        events[buffer.last] = events.get(buffer.last, 0) - size
    live = peak = 0
    for moment in sorted(events):
        live += events[moment]
        peak = max(peak, live)
    return peak


def offsets(buffers: Sequence[Buffer]) -> tuple[int, ...]:
    """An offset per buffer, none overlapping another that lives at the same time.

    Best fit in each of a few orders that are good for different graphs; the smallest arena wins,
    the earlier order on a tie.
    """
    bound = lower_bound_bytes(buffers)
    best: tuple[int, ...] = ()
    best_height = -1
    for order in _ORDERS:
        placed = _best_fit(buffers, sorted(range(len(buffers)), key=lambda i: order(buffers[i])))
        height = arena_bytes(buffers, placed)
        if best_height < 0 or height < best_height:
            best, best_height = placed, height
        if best_height == bound:
            break
    return best


def arena_bytes(buffers: Sequence[Buffer], placed: Sequence[int]) -> int:
    """Where the highest buffer ends."""
    return max((o + aligned(b.bytes) for b, o in zip(buffers, placed, strict=True)), default=0)


_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda b: (-b.bytes, b.first),
    lambda b: (-b.bytes, -b.first),
    lambda b: (-b.bytes * (b.last - b.first), b.first),
    lambda b: (b.first - b.last, -b.bytes, b.first),
    lambda b: (b.first, -b.bytes),
)


def _best_fit(buffers: Sequence[Buffer], order: Sequence[int]) -> tuple[int, ...]:
    """Place the buffers in ``order``, each in the tightest gap among those it overlaps in time."""
    placed: list[int] = [-1] * len(buffers)
    done: list[int] = []
    for index in order:
        buffer = buffers[index]
        size = aligned(buffer.bytes)
        taken = sorted(
            (placed[i], placed[i] + aligned(buffers[i].bytes))
            for i in done
            if buffers[i].first < buffer.last and buffer.first < buffers[i].last
        )
        best_gap: int | None = None
        offset = end = 0
        for start, stop in taken:
            gap = start - end
            if gap >= size and (best_gap is None or gap < best_gap):
                best_gap, offset = gap, end
            end = max(end, stop)
        placed[index] = offset if best_gap is not None else end
        done.append(index)
    return tuple(placed)
