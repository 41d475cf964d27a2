"""Long lists of calls, of which a part becomes a loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from fwgen.ops.operator import Arg, Call, Calls, Constant, Each, Ref, Repeat, Scratch

MOST_PERIOD = 64
"""Calls that the body of a loop has at most."""


def looped(calls: Sequence[Call]) -> Calls:
    """The calls, of which the most that repeat, with addresses that advance, are a loop."""
    keys = [_key(call) for call in calls]
    best = (0, 0, 0, 0)
    for period in range(1, min(MOST_PERIOD, len(calls) // 2) + 1):
        start = 0
        for i in range(len(calls) - period):
            if keys[i][0] != keys[i + period][0]:
                start = i + 1
                continue
            if i - period >= start and _step(keys, i, period) != _step(keys, i - period, period):
                start = i - period + 1
            times = (i - start + 1) // period + 1
            best = max(best, ((times - 1) * period, -period, -start, times))
    saved, period, start, times = best[0], -best[1], -best[2], best[3]
    if not saved:
        return tuple(calls)
    body = (_advancing(calls[i], _step(keys, i, period)) for i in range(start, start + period))
    return (*calls[:start], Repeat(times, tuple(body)), *calls[start + period * times :])


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


Key = tuple[tuple[object, ...], tuple[int, ...]]


def _key(call: Call) -> Key:
    """What must be equal in calls of a loop, and what may advance."""
    shape: list[object] = [call.function]
    ats: list[int] = []
    for arg in call.args:
        match arg:
            case Ref(tensor, int(at)):
                shape.append(("t", tensor))
                ats.append(at)
            case Scratch(int(at), tensor):
                shape.append(("scratch", tensor))
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
