"""The greedy planner: Problem -> offsets at once, by best fit under several orders of the
buffers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fwgen.compile.plan.problem import Buffer, Pairs, Problem


def best_fit(problem: Problem, pairs: Pairs, enough: int) -> tuple[int, ...]:
    """Valid offsets, the smallest of a few orders that are good for different graphs.

    Stops at ``enough`` bytes; the earlier order wins a tie. Fixed buffers are where they are, even
    if they share memory.
    """
    buffers = problem.buffers
    holes = list(_holes(len(buffers), pairs))
    best: tuple[int, ...] = ()
    for order in _ORDERS:
        ranked = sorted(range(len(buffers)), key=lambda j: order(buffers[j]))
        placed = _place(buffers, sorted(ranked, key=lambda j: buffers[j].offset is None), holes)
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


class _Holes(NamedTuple):
    """Offsets that a buffer may not have: x_k + low < x < x_k + high for each of its ``k``."""

    k: npt.NDArray[np.int32]
    low: npt.NDArray[np.int64]
    high: npt.NDArray[np.int64]


def _holes(count: int, pairs: Pairs) -> Iterator[_Holes]:
    """Those of each buffer."""
    p = pairs.where(pairs.forth + pairs.back > 0)
    of = np.concatenate((p.b, p.a))
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(1, count))
    columns = ((p.a, p.b), (-p.back, -p.forth), (p.forth, p.back))
    split = (np.split(np.concatenate(column)[order], ends) for column in columns)
    return map(_Holes, *split)


def _place(
    buffers: Sequence[Buffer], order: Sequence[int], holes: Sequence[_Holes]
) -> tuple[int, ...]:
    """Place the buffers in ``order``, each in the tightest gap between offsets it may not have."""
    placed = np.full(len(buffers), -1, np.int64)
    for j in order:
        fixed = buffers[j].offset
        if fixed is not None:
            placed[j] = fixed
            continue
        k, low, high = holes[j]
        at = placed[k]
        there = at >= 0
        at = at[there]
        low, high = at + low[there], at + high[there]
        ascending = np.argsort(low, kind="stable")
        to = buffers[j].alignment
        # where a gap begins: above all holes so far
        begin = np.zeros(len(at) + 1, np.int64)
        np.maximum.accumulate((high[ascending] + (to - 1)) // to * to, out=begin[1:])
        np.maximum(begin, 0, out=begin)
        room = low[ascending] - begin[:-1]
        gaps = np.flatnonzero(room >= 0)
        placed[j] = begin[gaps[np.argmin(room[gaps])]] if len(gaps) else begin[-1]
    return tuple(placed.tolist())
