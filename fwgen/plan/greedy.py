"""Problem -> offsets at once: best fit under several orders of the buffers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fwgen.alignment import aligned
from fwgen.plan.problem import Buffer, Pair, Problem


def best_fit(problem: Problem, pairs: Sequence[Pair], enough: int) -> tuple[int, ...]:
    """Valid offsets, the smallest of a few orders that are good for different graphs.

    Stops at ``enough`` bytes; the earlier order wins a tie. Fixed buffers are where they are, even
    if they share memory.
    """
    buffers = problem.buffers
    forbidden: list[list[tuple[int, int, int]]] = [[] for _ in buffers]
    for p in pairs:
        if p.forth + p.back <= 0:
            continue
        forbidden[p.b].append((p.a, -p.back, p.forth))
        forbidden[p.a].append((p.b, -p.forth, p.back))
    best: tuple[int, ...] = ()
    for order in _ORDERS:
        ranked = sorted(range(len(buffers)), key=lambda j: order(buffers[j]))
        placed = _place(buffers, sorted(ranked, key=lambda j: buffers[j].offset is None), forbidden)
        if not best or extent(buffers, placed) < extent(buffers, best):
            best = placed
        if extent(buffers, best) <= enough:
            break
    return best


def extent(buffers: Sequence[Buffer], offsets: Sequence[int]) -> int:
    """Where the highest buffer ends."""
    return max((x + b.bytes for b, x in zip(buffers, offsets, strict=True)), default=0)


_ORDERS: tuple[Callable[[Buffer], tuple[int, ...]], ...] = (
    lambda b: (-b.bytes, b.first),
    lambda b: (-b.bytes, -b.first),
    lambda b: (-b.bytes * (b.last - b.first), b.first),
    lambda b: (b.first - b.last, -b.bytes, b.first),
    lambda b: (b.first, -b.bytes),
    lambda b: (-b.last, -b.bytes),
)


def _place(
    buffers: Sequence[Buffer],
    order: Sequence[int],
    forbidden: Sequence[Sequence[tuple[int, int, int]]],
) -> tuple[int, ...]:
    """Place the buffers in ``order``, each in the tightest gap between offsets it may not have.

    ``forbidden[j]`` has (k, low, high): open interval of x_j - x_k.
    """
    placed: list[int] = [-1] * len(buffers)
    for j in order:
        fixed = buffers[j].offset
        if fixed is not None:
            placed[j] = fixed
            continue
        holes = sorted(
            (placed[k] + low, placed[k] + high) for k, low, high in forbidden[j] if placed[k] >= 0
        )
        tightest: int | None = None
        offset = 0
        for low, high in holes:
            room = low - offset
            if room >= 0 and (tightest is None or room < tightest):
                tightest, placed[j] = room, offset
            offset = max(offset, aligned(high, buffers[j].alignment))
        if tightest is None:
            placed[j] = offset
    return tuple(placed)
