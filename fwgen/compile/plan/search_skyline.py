"""The search of ``skyline.c``: compiled where there is a C compiler, else step by step the same."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from pathlib import Path

import numpy as np

from fwgen.compile.plan.compiled_search import (
    EXHAUSTED,
    INFEASIBLE,
    MOST_DEPTH,
    SOLVED,
    Found,
    core,
    deep_recursion,
    library,
)
from fwgen.compile.plan.problem import Buffer, sections
from fwgen.model.alignment import aligned

SOURCE = Path(__file__).with_name("skyline.c")

_MEMO_BITS, _FIRST_ROUND, _RULES, _RANKS, _NOISE = 18, 500, 4, 2, 4
_NONE = (1 << 63) - 1
_MASK = (1 << 64) - 1


def search(buffers: Sequence[Buffer], capacity: int, budget: int) -> Found:
    """Offsets within ``capacity`` bytes for buffers without overlaps and fixed offsets."""
    step = gcd(*(b.alignment for b in buffers))
    intervals, count = sections(tuple(buffers))
    stacked = [aligned(b.bytes, step) for b in buffers]
    padding = max(s - b.bytes for s, b in zip(stacked, buffers, strict=True))
    ranks = [_rank([-b.bytes * (b.last - b.first) for b in buffers])]
    ranks.append(_rank([-b.bytes for b in buffers]))
    compiled = library(SOURCE)
    if compiled is None:
        fallback = _SkylineSearch(buffers, intervals, count, stacked, capacity, capacity + padding)
        with deep_recursion(3 * MOST_DEPTH):
            return fallback.run(ranks, budget)
    first, last = np.array(intervals, np.int32).T.copy()
    offsets, nodes = np.zeros(len(buffers), np.int64), np.zeros(1, np.int64)
    result = core(
        compiled.fw_skyline,
        len(buffers),
        count,
        first,
        last,
        np.array([b.bytes for b in buffers], np.int64),
        np.array(stacked, np.int64),
        np.array([b.alignment for b in buffers], np.int64),
        np.array(ranks, np.int32),
        np.array([capacity, capacity + padding, budget], np.int64),
        offsets,
        nodes,
    )
    return Found(result, tuple(offsets.tolist()) if result == SOLVED else (), int(nodes[0]))


def _rank(keys: Sequence[int]) -> list[int]:
    """The place of each in ascending order; of equal ones the first first."""
    ranks = [0] * len(keys)
    for rank, j in enumerate(sorted(range(len(keys)), key=lambda j: keys[j])):
        ranks[j] = rank
    return ranks


def _mix(x: int) -> int:
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


class _SkylineSearch:
    """The state of ``skyline.c``, with its names; see there for what each step does and why."""

    def __init__(
        self,
        buffers: Sequence[Buffer],
        intervals: Sequence[tuple[int, int]],
        count: int,
        stacked: Sequence[int],
        capacity: int,
        limit: int,
    ) -> None:
        n = len(buffers)
        self.first, self.last = [i[0] for i in intervals], [i[1] for i in intervals]
        self.size, self.stacked = [b.bytes for b in buffers], stacked
        self.alignment = [b.alignment for b in buffers]
        self.capacity, self.limit, self.count = capacity, limit, count
        self.members = [
            [j for j in range(n) if self.first[j] <= t < self.last[j]] for t in range(count)
        ]
        self.born = [[j for j in range(n) if self.first[j] == t] for t in range(count)]
        self.near = [[k for k in range(n) if k != j and self._together(j, k)] for j in range(n)]
        lives = [_mix((begin << 32) + end) for begin, end in intervals]
        self.key = [
            _mix((_mix((life + b.bytes) & _MASK) + b.alignment) & _MASK)
            for life, b in zip(lives, buffers, strict=True)
        ]
        self.weight, self.nodes = [1] * count, 0
        self.memo: dict[int, tuple[int, int]] = {}

    def _together(self, a: int, b: int) -> bool:
        return self.first[a] < self.last[b] and self.first[b] < self.last[a]

    def run(self, ranks: Sequence[Sequence[int]], budget: int) -> Found:
        """Rounds with growing budgets."""
        allowance, result, number = _FIRST_ROUND, EXHAUSTED, 0
        while result == EXHAUSTED and self.nodes < budget:
            self.rule = number % _RULES
            self._rank(ranks[number // _RULES % _RANKS], number // (_RULES * _RANKS))
            self.budget = min(budget, self.nodes + allowance)
            if number % (_RULES * _RANKS) == _RULES * _RANKS - 1:
                allowance += allowance // 8
            result, number = self._round(), number + 1
        return Found(result, tuple(self.head) if result == SOLVED else (), self.nodes)

    def _rank(self, ranks: Sequence[int], cycle: int) -> None:
        n = len(ranks)
        noise = [_mix((cycle << 32) + j) % (n // _NOISE + 1) if cycle else 0 for j in range(n)]
        self.rank = [(ranks[j] + noise[j]) * n + j for j in range(n)]

    def _round(self) -> int:
        n = len(self.size)
        self.head, self.support, self.placed = [0] * n, [0] * n, [False] * n
        self.floor, self.on_floor = [_NONE] * self.count, [0] * self.count
        self.changes: list[tuple[int, int, int]] = []
        self.order: list[int] = []
        self.touched, self.depth = set(range(self.count)), 0
        return self._parts(0, self.count) if self._fits(0, self.count) else INFEASIBLE

    def _touch(self, j: int) -> None:
        self.touched.update(range(self.first[j], self.last[j]))

    def _lift(self, j: int, head: int, support: int) -> None:
        self.changes.append((j, self.head[j], self.support[j]))
        if self.head[j] != head:
            self._touch(j)
        self.head[j], self.support[j] = head, support

    def _measure(self, t: int) -> bool:
        left = sorted((self.head[j], self.stacked[j]) for j in self._left(t))
        self.changes.append((~t, self.floor[t], self.on_floor[t]))
        self.floor[t] = left[0][0] if left else _NONE
        self.on_floor[t] = sum(head == left[0][0] for head, _ in left)
        end = 0
        for head, size in left:
            end = max(head, end) + size
        if end > self.limit:
            self.weight[t] += 1
        return end <= self.limit

    def _left(self, t: int) -> list[int]:
        placed = self.placed
        return [j for j in self.members[t] if not placed[j]]

    def _fits(self, begin: int, end: int) -> bool:
        return all(self._measure(t) for t in sorted(self.touched) if begin <= t < end)

    def _dominated(self, begin: int, end: int) -> bool:
        for t in range(begin, end):
            for j in self.born[t]:
                top = self.support[j] + self.stacked[j]
                if self.placed[j] or top > self.head[j]:
                    continue
                if min(self.floor[self.first[j] : self.last[j]]) >= top:
                    return True
        return False

    def _lowest(self, t: int) -> bool:
        floor = self.floor[t]
        return all(
            min(self.floor[self.first[j] : self.last[j]]) >= floor
            for j in self._left(t)
            if self.head[j] == floor
        )

    def _choose(self, begin: int, end: int) -> int:
        best, least = begin, _NONE
        for t in range(begin, end):
            if self.floor[t] == _NONE:
                continue
            choices, height = self.on_floor[t] << 30, self.floor[t] * 64 // self.capacity
            if self.rule == 0:
                score = choices * (height + 8) // self.weight[t]
            elif self.rule == 1:
                score = (height << 40) + choices // self.weight[t]
            elif self.rule == 2:
                score = choices
            else:
                score = choices * (height + 8) // (self.weight[t] + 16)
            if score < least and self._lowest(t):
                best, least = t, score
        return best

    def _choices(self, t: int) -> list[int]:
        """What may lie on the floor, in order of rank."""
        on_floor = [j for j in self._left(t) if self.head[j] == self.floor[t]]
        return sorted(on_floor, key=self.rank.__getitem__)

    def _place(self, j: int) -> None:
        top = self.head[j] + self.size[j]
        self.placed[j] = True
        self.order.append(j)
        self._touch(j)
        for k in self.near[j]:
            offset = aligned(top, self.alignment[k])
            if not self.placed[k] and self.support[k] < offset:
                self._lift(k, max(self.head[k], offset), offset)

    def _raise_floor(self, t: int) -> bool:
        floor, to, left = self.floor[t], _NONE, self._left(t)
        for j in left:
            if self.head[j] > floor:
                to = min(to, self.head[j])
                continue
            for k in self.near[j]:
                if not self.placed[k] and not self.first[k] <= t < self.last[k]:
                    to = min(to, aligned(self.head[k] + self.size[k], self.alignment[j]))
        if to == _NONE:
            return False
        for j in left:
            if self.head[j] < to:
                self._lift(j, aligned(to, self.alignment[j]), self.support[j])
        return True

    def _parts(self, begin: int, end: int) -> int:
        t = begin
        while t < end:
            if self.floor[t] == _NONE:
                t += 1
                continue
            start, stop = t, t + 1
            while t < stop:
                stop = max([stop, *(self.last[j] for j in self.born[t] if not self.placed[j])])
                t += 1
            result = self._search(start, stop)
            if result != SOLVED:
                return result
        return SOLVED

    def _undo(self, changes: int, placed: int) -> None:
        while len(self.changes) > changes:
            j, low, high = self.changes.pop()
            if j < 0:
                self.floor[~j], self.on_floor[~j] = low, high
            else:
                self.head[j], self.support[j] = low, high
        while len(self.order) > placed:
            self.placed[self.order.pop()] = False

    def _branch(self, begin: int, end: int) -> int:
        t, marks = self._choose(begin, end), (len(self.changes), len(self.order))
        for choice in [*self._choices(t), None]:
            self.touched = set()
            if choice is None:
                if not self._raise_floor(t):
                    return INFEASIBLE
            elif self.head[choice] + self.size[choice] > self.capacity:
                continue
            else:
                self._place(choice)
            if self._fits(begin, end) and not self._dominated(begin, end):
                result = self._parts(begin, end)
                if result != INFEASIBLE:
                    return result
            self._undo(*marks)
        return INFEASIBLE

    def _search(self, begin: int, end: int) -> int:
        if self.nodes >= self.budget or self.depth >= MOST_DEPTH:
            return EXHAUSTED
        low = high = _mix((begin << 32) + end)
        for t in range(begin, end):
            for j in self.born[t]:
                if not self.placed[j]:
                    state = _mix((self.key[j] + self.head[j]) & _MASK)
                    state = _mix((state + self.support[j]) & _MASK)
                    low += state
                    high += _mix((state + 1) & _MASK)
        low, high = low & _MASK, high & _MASK
        slot = low >> (64 - _MEMO_BITS)
        if self.memo.get(slot) == (low, high):
            return INFEASIBLE
        self.nodes += 1
        self.depth += 1
        result = self._branch(begin, end)
        self.depth -= 1
        if result == INFEASIBLE:
            self.memo[slot] = (low, high)
        return result
