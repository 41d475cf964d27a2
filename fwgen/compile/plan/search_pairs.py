"""The search of ``pairs.c``: compiled where there is a C compiler, else step by step the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import gcd
from pathlib import Path

import numpy as np

from fwgen.compile.plan.bound import shared_bytes
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
from fwgen.compile.plan.problem import Pair, Pairs, Problem, sections
from fwgen.model.alignment import aligned

SOURCE = Path(__file__).with_name("pairs.c")

_OPEN, _FORTH, _BACK = 0, 1, 2


def search(problem: Problem, pairs: Pairs, capacity: int, budget: int) -> Found:
    """Offsets within ``capacity`` bytes; overlaps and fixed offsets are allowed for."""
    buffers = problem.buffers
    head = [b.offset or 0 for b in buffers]
    tail = [
        (capacity - b.bytes) // b.alignment * b.alignment if b.offset is None else b.offset
        for b in buffers
    ]
    if any(x < 0 or x + b.bytes > capacity for x, b in zip(tail, buffers, strict=True)):
        return Found(INFEASIBLE, (), 0)
    step = gcd(*(b.alignment for b in buffers))
    stacked = [aligned(b.bytes, step) for b in buffers]
    cliques = _cliques(problem, problem.sharing(pairs), stacked, step)
    alignment = [b.alignment for b in buffers]
    compiled = library(SOURCE)
    if compiled is None:
        fallback = _PairsSearch(list(pairs), cliques, stacked, alignment, (head, tail), budget)
        with deep_recursion(3 * MOST_DEPTH):
            return fallback.run()
    heads, nodes = np.array(head, np.int64), np.zeros(1, np.int64)
    result = core(
        compiled.fw_pairs,
        len(buffers),
        len(pairs),
        len(cliques),
        pairs.a,
        pairs.b,
        pairs.forth,
        pairs.back,
        np.cumsum([0, *map(len, cliques)], dtype=np.int32),
        np.fromiter(chain.from_iterable(cliques), np.int32),
        np.array(stacked, np.int64),
        np.array(alignment, np.int64),
        np.array([budget], np.int64),
        heads,
        np.array(tail, np.int64),
        nodes,
    )
    return Found(result, tuple(heads.tolist()) if result == SOLVED else (), int(nodes[0]))


def _cliques(
    problem: Problem, sharing: Sequence[Pair], stacked: Sequence[int], step: int
) -> list[list[int]]:
    """For each section, buffers that live then and may share nothing with each other."""
    intervals, count = sections(problem.buffers)
    live: list[set[int]] = [set() for _ in range(count)]
    for j, (begin, end) in enumerate(intervals):
        for t in range(begin, end):
            live[t].add(j)
    for p in sharing:
        if shared_bytes(p, stacked[p.a], stacked[p.b], step) == 0:
            continue
        smaller = min(p.a, p.b, key=lambda j: (stacked[j], j))
        (a_begin, a_end), (b_begin, b_end) = intervals[p.a], intervals[p.b]
        for t in range(max(a_begin, b_begin), min(a_end, b_end)):
            if p.a in live[t] and p.b in live[t]:
                live[t].discard(smaller)
    return [sorted(members) for members in live]


class _PairsSearch:
    """The state of ``pairs.c``, with its names; see there for what each step does and why."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        cliques: Sequence[Sequence[int]],
        stacked: Sequence[int],
        alignment: Sequence[int],
        bounds: tuple[list[int], list[int]],
        budget: int,
    ) -> None:
        self.pairs, self.cliques, self.stacked = pairs, cliques, stacked
        self.alignment, self.budget = alignment, budget
        self.head, self.tail = bounds
        self.way = [_OPEN] * len(pairs)
        self.of: list[list[int]] = [[] for _ in stacked]
        for p, pair in enumerate(pairs):
            self.of[pair.a].append(p)
            self.of[pair.b].append(p)
        self.waiting = list(range(len(stacked)))
        self.changes: list[tuple[int, int, int]] = []
        self.nodes = self.depth = 0

    def run(self) -> Found:
        """The whole search."""
        result = self._search() if self._propagate() else INFEASIBLE
        return Found(result, tuple(self.head) if result == SOLVED else (), self.nodes)

    def _narrow(self, j: int, head: int, tail: int) -> bool:
        to = self.alignment[j]
        head = max(aligned(head, to), self.head[j])
        if tail < 0:
            return False
        tail = min(tail // to * to, self.tail[j])
        if (head, tail) != (self.head[j], self.tail[j]):
            self.changes.append((j, self.head[j], self.tail[j]))
            self.head[j], self.tail[j] = head, tail
            self.waiting.append(j)
        return head <= tail

    def _tighten(self, p: int) -> bool:
        pair = self.pairs[p]
        a, b, head, tail = pair.a, pair.b, self.head, self.tail
        if self.way[p] == _OPEN:
            forth = head[a] + pair.forth <= tail[b]
            back = head[b] + pair.back <= tail[a]
            if forth and back:
                return True
            if not forth and not back:
                return False
            self.changes.append((~p, 0, 0))
            self.way[p] = _FORTH if forth else _BACK
        if self.way[p] == _FORTH:
            return self._narrow(b, head[a] + pair.forth, tail[b]) and self._narrow(
                a, head[a], tail[b] - pair.forth
            )
        return self._narrow(a, head[b] + pair.back, tail[a]) and self._narrow(
            b, head[b], tail[a] - pair.back
        )

    def _propagate(self) -> bool:
        while self.waiting:
            j = self.waiting.pop()
            if not all(self._tighten(p) for p in self.of[j]):
                self.waiting.clear()
                return False
        return True

    def _fits(self, clique: Sequence[int]) -> bool:
        end = 0
        for head, size in sorted((self.head[j], self.stacked[j]) for j in clique):
            end = max(head, end) + size
        return end <= max((self.tail[j] + self.stacked[j] for j in clique), default=0)

    def _choose(self) -> int:
        best, least = -1, 0
        for p, pair in enumerate(self.pairs):
            a, b = self.head[pair.a], self.head[pair.b]
            if b >= a + pair.forth or a >= b + pair.back:
                continue
            freedom = self.tail[pair.b] - b + self.tail[pair.a] - a - pair.forth - pair.back
            if best < 0 or freedom < least:
                best, least = p, freedom
        return best

    def _decide(self, p: int, way: int) -> int:
        before = len(self.changes)
        self.changes.append((~p, 0, 0))
        self.way[p] = way
        possible = self._tighten(p)
        if self._propagate() and possible:
            result = self._search()
            if result != INFEASIBLE:
                return result
        while len(self.changes) > before:
            j, head, tail = self.changes.pop()
            if j < 0:
                self.way[~j] = _OPEN
            else:
                self.head[j], self.tail[j] = head, tail
        return INFEASIBLE

    def _search(self) -> int:
        if self.nodes >= self.budget or self.depth >= MOST_DEPTH:
            return EXHAUSTED
        self.nodes += 1
        if not all(self._fits(clique) for clique in self.cliques):
            return INFEASIBLE
        p = self._choose()
        if p < 0:
            return SOLVED
        pair = self.pairs[p]
        forth = self.tail[pair.b] - self.head[pair.a] - pair.forth
        back = self.tail[pair.a] - self.head[pair.b] - pair.back
        ways = (_FORTH, _BACK) if forth >= back else (_BACK, _FORTH)
        self.depth += 1
        result = self._decide(p, ways[0])
        if result == INFEASIBLE:
            result = self._decide(p, ways[1])
        self.depth -= 1
        return result
