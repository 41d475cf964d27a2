"""Long lists of calls, of which a part becomes a loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Arg, Call, Calls, Constant, Each, Ref, Repeat, Scratch

MOST_PERIOD = 64
"""Calls that the body of a loop has at most."""

Key = tuple[tuple[object, ...], tuple[int, ...]]
Int64Array = npt.NDArray[np.int64]


def looped(calls: Sequence[Call]) -> Calls:
    """The calls, of which the most that repeat, with addresses that advance, are a loop."""
    if len(calls) < 2:
        return tuple(calls)
    keys = [_key(call) for call in calls]
    numbered = _numbered(keys)
    best = max(((0, 0, 0, 0), *(_best_of(*numbered, p) for p in _periods(len(calls)))))
    saved, period, start, times = best[0], -best[1], -best[2], best[3]
    if not saved:
        return tuple(calls)
    body = (_advancing(calls[i], _step(keys, i, period)) for i in range(start, start + period))
    return (*calls[:start], Repeat(times, tuple(body)), *calls[start + period * times :])


def _numbered(keys: Sequence[Key]) -> tuple[Int64Array, Int64Array]:
    """A number for each shape, and the addresses that may advance, a row for each call."""
    shapes: dict[tuple[object, ...], int] = {}
    numbers = [shapes.setdefault(shape, len(shapes)) for shape, _ in keys]
    most = max(len(ats) for _, ats in keys)
    rows = [(*ats, *(0,) * (most - len(ats))) for _, ats in keys]
    return np.array(numbers), np.array(rows, dtype=np.int64).reshape(len(keys), most)


def _periods(count: int) -> range:
    return range(1, min(MOST_PERIOD, count // 2) + 1)


def _best_of(shapes: Int64Array, ats: Int64Array, period: int) -> tuple[int, int, int, int]:
    """(calls saved, -period, -first call, times) of the longest loop of one period."""
    place = np.arange(len(shapes) - period)
    same = shapes[:-period] == shapes[period:]
    steps = ats[period:] - ats[:-period]
    uneven = (steps[period:] != steps[:-period]).any(axis=1)
    # a loop begins behind the last call that is not like the one a period later
    begin = np.where(same, 0, place + 1)
    begin[period:][uneven] = np.maximum(begin[period:], place[:-period] + 1)[uneven]
    start = np.maximum.accumulate(begin)
    times = np.where(same, (place - start + 1) // period + 1, 0)
    at = int(times.argmax())  # the first of the longest
    return (int(times[at]) - 1) * period, -period, -int(start[at]), int(times[at])


def repeated(blocks: Sequence[Sequence[Call]]) -> tuple[int, tuple[Call, ...]]:
    """How many of the first blocks are the first one with addresses that advance, and that one."""
    keys = [[_key(call) for call in block] for block in blocks]

    def steps(i: int) -> list[tuple[int, ...]] | None:
        """From block i to the next; None if it is none of the same calls."""
        pairs = list(zip(keys[i], keys[i + 1], strict=False))
        if len(keys[i]) != len(keys[i + 1]) or any(a[0] != b[0] for a, b in pairs):
            return None
        return [tuple(y - x for x, y in zip(a[1], b[1], strict=True)) for a, b in pairs]

    if len(blocks) < 2 or (first := steps(0)) is None:
        return 1, tuple(blocks[0])
    times = 2
    while times < len(blocks) and steps(times - 1) == first:
        times += 1
    return times, tuple(_advancing(c, step) for c, step in zip(blocks[0], first, strict=True))


def _key(call: Call) -> Key:
    """What must be equal in calls of a loop, and what may advance."""
    shape: list[object] = [call.function]
    ats: list[int] = []
    for arg in call.args:
        match arg:
            case Ref(tensor, int(at)):
                shape.append(("t", tensor))
                ats.append(at)
            case Scratch(int(at), elements):
                shape.append(("scratch", elements))
                ats.append(at)
            case Constant():
                shape.append(id(arg))  # equal ones are one
            case _:
                shape.append(arg)
    return tuple(shape), tuple(ats)


def _step(keys: Sequence[Key], i: int, period: int) -> tuple[int, ...]:
    return tuple(b - a for a, b in zip(keys[i][1], keys[i + period][1], strict=True))


def _advancing(call: Call, steps: tuple[int, ...]) -> Call:
    left = iter(steps)

    def advance(arg: Arg) -> Arg:
        if isinstance(arg, Ref | Scratch):
            step = next(left)
            return replace(arg, at=Each(cast(int, arg.at), step)) if step else arg
        return arg

    return replace(call, args=tuple(map(advance, call.args)))
