"""Orders of a graph's ops in which less has to be in memory at once.

The memory after some ops depends only on the set of these ops, not on their order. So the search is
dynamic programming over such sets. It goes op by op and keeps, for each set, the way to it with the
lowest peak. If there are too many sets, the search keeps the most promising ones. It runs again
with more of them until all are kept, which is exact, or until the effort is spent. Effort is
counted in steps and never in seconds, so that an order is the same on every machine.

An op is taken at once if it fits under the peak so far and leaves no more in memory than before: no
order that takes it later is better. The graph is cut after each op before or after which every
other op must come. The pieces are ordered one by one, and only those in which the model's own order
sets the peak.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from fwgen.compile.schedule.lifetimes import (
    aliased_ops,
    lifetimes,
    live_inputs,
    live_outputs,
)
from fwgen.model.alignment import aligned
from fwgen.model.control import has_control
from fwgen.model.graph import Graph

_STEPS = 200_000
"""Ops that are tried after some set of others: some seconds at most."""

_MOST_CHOICES = 64
"""Of the ops that can come next, how many are tried after each set."""


def orders(graph: Graph) -> tuple[Graph, ...]:
    """The graph, followed by graphs with its ops in orders of lower peaks, if it may have such
    orders.

    One order is for outputs beside their inputs, one for outputs that lie over inputs that die. How
    far they may is known only when kernels are chosen.
    """
    found = [graph]
    if graph.fixed_order or has_control(graph):
        return (graph,)
    for in_place in (False, True):
        order = _improved(_Needs(graph, in_place))
        ops = tuple(graph.ops[v] for v in order)
        if all(ops != other.ops for other in found):
            found.append(replace(graph, ops=ops))
    return tuple(found)


def peak_bytes(graph: Graph, in_place: bool = False) -> int:
    """The most that is in memory at once in the graph's order, scratch aside.

    ``in_place``: an output lies over the largest input that dies with its op, as far as it goes.
    """
    needs = _Needs(graph, in_place)
    return needs.peak(0, range(len(graph.ops)))


class _Memory(NamedTuple):
    """An activation: who reads it, as a set of ops; ``kept`` if it is an output of the model."""

    bytes: int
    readers: int
    kept: bool


class _Way(NamedTuple):
    """A set of ops and the best order of them so far, as a chain of steps from the last one back.

    ``next`` are the ops whose inputs are there, ``live`` the bytes in memory after all.
    """

    done: int
    next: int
    live: int
    peak: int
    last: int
    before: _Way | None

    @property
    def order(self) -> list[int]:
        way: _Way | None = self
        ops: list[int] = []
        while way is not None and way.last >= 0:
            ops.append(way.last)
            way = way.before
        return ops[::-1]


class _Needs:
    """The ops that must come before each op, and the bytes that it brings into memory and frees.

    Sets of ops are integers, bit v for the op at position v.
    """

    def __init__(self, graph: Graph, in_place: bool) -> None:
        ops = graph.ops
        self.in_place, self.count = in_place, len(ops)
        lives = lifetimes(graph)
        owner = {t: i for i, life in enumerate(lives) for t in life.tensors}
        writer = {t: v for v, op in enumerate(ops) for t in op.outputs}
        readers = [0] * len(lives)
        first = _old_readers(graph)
        self.needed: list[int] = []  # ops that must come before
        self.users = [0] * len(ops)
        self.touched: list[tuple[_Memory, ...]] = []  # what may die with the op
        self.born = [0] * len(ops)  # bytes
        for v, op in enumerate(ops):
            sources = {writer[t] for t in op.inputs if t in writer} | first.get(v, set())
            self.needed.append(_set_of(sources))
            for u in sources:
                self.users[u] |= 1 << v
            for t in live_inputs(graph, op):
                readers[owner[t]] |= 1 << v
        kept = {owner[t] for t in graph.outputs if t in owner}
        memory = [
            _Memory(aligned(life.bytes), readers[i], i in kept) for i, life in enumerate(lives)
        ]
        aliased = aliased_ops(graph)
        for v, op in enumerate(ops):
            fresh = () if op.index in aliased else tuple(owner[t] for t in live_outputs(graph, op))
            self.born[v] = sum(memory[i].bytes for i in fresh)
            used = dict.fromkeys([owner[t] for t in live_inputs(graph, op)] + list(fresh))
            self.touched.append(tuple(memory[i] for i in used if not memory[i].kept))
        given = {owner[t] for t in graph.inputs}
        # an input that nobody reads is there until the first op is done
        self.unread = sum(memory[i].bytes for i in given if not readers[i] and i not in kept)
        self.given = sum(memory[i].bytes for i in given) - self.unread

    def step(self, done: int, live: int, v: int) -> tuple[int, int]:
        """The bytes in memory (during, after) op ``v``, which comes after the set ``done``."""
        during = live + self.born[v] + (0 if done else self.unread)
        after = live + self.born[v]
        later = ~(done | 1 << v)
        most = 0
        for memory in self.touched[v]:
            if not memory.readers & later:
                after -= memory.bytes
                if memory.readers:
                    most = max(most, memory.bytes)
        if self.in_place:
            during -= min(self.born[v], most)
        return during, after

    def peak(self, done: int, order: Sequence[int], live: int | None = None) -> int:
        """The most that is in memory during the ops of ``order``, after the set ``done``."""
        live = self.given if live is None else live
        highest = 0
        for v in order:
            during, live = self.step(done, live, v)
            done |= 1 << v
            highest = max(highest, during)
        return highest


def _old_readers(graph: Graph) -> dict[int, set[int]]:
    """By position of an op that replaces variables, those of the other ops that read their old
    values."""
    readers: dict[int, set[int]] = {v.before: set() for v in graph.variables}
    replacing: dict[int, list[int]] = {v.after: [] for v in graph.variables}
    for position, op in enumerate(graph.ops):
        for t in graph.state.intersection(op.inputs).intersection(readers):
            readers[t].add(position)
        for t in graph.state.intersection(op.outputs):
            replacing[t].append(position)
    found: dict[int, set[int]] = {}
    for v in graph.variables:
        for position in replacing[v.after]:
            found.setdefault(position, set()).update(readers[v.before] - {position})
    return found


@dataclass(frozen=True)
class _Piece:
    """The ops ``begin`` to ``end``, which come after all before and before all after them."""

    begin: int
    end: int
    live: int
    peak: int


def _improved(needs: _Needs) -> list[int]:
    """The best order that can be found; the model's own where it is as good."""
    order = list(range(needs.count))
    pieces = sorted(_pieces(needs), key=lambda piece: -piece.peak)
    highest, steps = 0, _STEPS
    for piece in pieces:
        if piece.peak <= highest:
            break
        better, spent = _search(needs, piece, highest, steps)
        steps = max(0, steps - spent)
        if better is not None:
            order[piece.begin : piece.end] = better.order
        highest = max(highest, piece.peak if better is None else better.peak)
    return order


def _pieces(needs: _Needs) -> Iterator[_Piece]:
    """The model's order in pieces, cut after each op before or after which every other op must
    come."""
    below = [0] * needs.count  # all that must come before
    for v in range(needs.count):
        below[v] = needs.needed[v]
        for u in _members(needs.needed[v]):
            below[v] |= below[u]
    after = [0] * needs.count
    for v in reversed(range(needs.count)):
        for u in _members(needs.users[v]):
            after[v] |= 1 << u | after[u]
    begin, live = 0, needs.given
    for v in range(needs.count):
        single = below[v].bit_count() + after[v].bit_count() + 1 == needs.count
        if single or v == needs.count - 1:
            piece = range(begin, v + 1)
            yield _Piece(begin, v + 1, live, needs.peak((1 << begin) - 1, piece, live))
            for u in piece:
                live = needs.step((1 << u) - 1, live, u)[1]
            begin = v + 1


def _search(needs: _Needs, piece: _Piece, enough: int, steps: int) -> tuple[_Way | None, int]:
    """A way through a piece with a lower peak than the model's, as low as ``steps`` allow.

    The lowest there is, or one of ``enough`` bytes, where they are enough. Returns the steps taken.
    """
    best: _Way | None = None
    spent, kept = 0, 1
    enough = max(enough, _least(needs, piece))
    while spent < steps:
        limit = piece.peak if best is None else best.peak
        if limit <= enough:
            break
        found, taken, complete = _sweep(needs, piece, limit, kept, enough)
        best = found or best
        spent += taken
        if complete:
            break
        kept *= 4
    return best, spent


def _least(needs: _Needs, piece: _Piece) -> int:
    """The most bytes that one op of a piece needs for its inputs and outputs, whatever the
    order."""
    least = 0
    for v in range(piece.begin, piece.end):
        read = [memory.bytes for memory in needs.touched[v] if memory.readers >> v & 1]
        shared = min(needs.born[v], max(read, default=0)) if needs.in_place else 0
        least = max(least, sum(read) + needs.born[v] - shared)
    return least


def _sweep(
    needs: _Needs, piece: _Piece, limit: int, kept: int, enough: int
) -> tuple[_Way | None, int, bool]:
    """The best way through a piece with a peak below ``limit``, if after each op ``kept`` sets are
    kept; the steps taken; whether nothing was left out."""
    before = (1 << piece.begin) - 1
    free = _set_of(v for v in range(piece.begin, piece.end) if not needs.needed[v] & ~before)
    ways = [_Way(before, free, piece.live, enough, -1, None)]
    steps, complete = 0, True
    for _ in range(piece.begin, piece.end):
        following: dict[int, _Way] = {}
        for way in ways:
            choices, all_of_them = _choices(needs, way)
            steps += min(way.next.bit_count(), _MOST_CHOICES)
            complete = complete and all_of_them
            for v, during, after in choices:
                peak = max(way.peak, during)
                done = way.done | 1 << v
                old = following.get(done)
                if peak < limit and (old is None or peak < old.peak):
                    following[done] = _Way(done, 0, after, peak, v, way)
        ways = sorted(following.values(), key=lambda way: (way.peak, way.live))
        complete = complete and len(ways) <= kept
        ways = [_opened(needs, piece, way) for way in ways[:kept]]
    return (ways[0] if ways else None), steps, complete


def _choices(needs: _Needs, way: _Way) -> tuple[list[tuple[int, int, int]], bool]:
    """Ops to come next, with the bytes during and after each; whether they are all that matter."""
    choices: list[tuple[int, int, int]] = []
    for v in _members(way.next):
        if len(choices) == _MOST_CHOICES:
            return choices, False
        during, after = needs.step(way.done, way.live, v)
        if during <= way.peak and after <= way.live:
            return [(v, during, after)], True
        choices.append((v, during, after))
    return choices, True


def _opened(needs: _Needs, piece: _Piece, way: _Way) -> _Way:
    """A way with the ops that can come next, now that its last is done."""
    assert way.before is not None
    ready = way.before.next & ~(1 << way.last)
    for u in _members(needs.users[way.last]):
        if piece.begin <= u < piece.end and not needs.needed[u] & ~way.done:
            ready |= 1 << u
    return way._replace(next=ready)


def _set_of(ops: Iterator[int] | set[int]) -> int:
    found = 0
    for v in ops:
        found |= 1 << v
    return found


def _members(ops: int) -> Iterator[int]:
    while ops:
        lowest = ops & -ops
        yield lowest.bit_length() - 1
        ops ^= lowest
