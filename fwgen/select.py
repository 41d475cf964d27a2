"""Graph + Board + goal -> Selection: the kernel variant of each op.

A variant costs cycles, estimated by a formula beside it, and flash: its packed constants, and the
code of its kernels, which the first op that uses a kernel brings and others share. So variants
cannot be chosen op by op. The search begins with the fastest variant of each op and makes
changes that serve the goal, until there is none; again from the smallest, and from
what is balanced; the best of the three is chosen. A change is another variant for one
op, or for all ops that use a kernel, which then goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from fwgen import GOALS
from fwgen.board import Board
from fwgen.errors import ModelError
from fwgen.model.graph import Graph, Op
from fwgen.ops import operators
from fwgen.ops.code_bytes import code_bytes, runtime_bytes
from fwgen.ops.operator import Call, Constant, Ref, Variant, place


@dataclass(frozen=True)
class Candidate:
    """A variant that computes an op of a graph, and what it costs there.

    ``cycles`` are the variant's estimate, ``constant_bytes`` what it has in flash beside code,
    ``kernels`` the file names of the kernels that ``calls`` need.
    """

    variant: Variant
    calls: tuple[Call, ...]
    cycles: float
    constant_bytes: int
    scratch_bytes: int
    kernels: frozenset[str]


@dataclass(frozen=True)
class Totals:
    """What a choice for all ops costs: estimated cycles, bytes of flash, most scratch of an op."""

    cycles: float
    flash_bytes: int
    scratch_bytes: int


Goal = Callable[[Totals], tuple[float, ...]]
"""What is to be as small as possible, in the order of importance."""

_GOAL_OF: Mapping[str, Goal] = {
    # one per cent of cycles is worth one per cent of flash
    "balanced": lambda t: (log(t.cycles) + log(t.flash_bytes), t.scratch_bytes),
    "speed": lambda t: (t.cycles, t.flash_bytes),
    "size": lambda t: (t.flash_bytes, t.cycles),
    "ram": lambda t: (t.scratch_bytes, log(t.cycles) + log(t.flash_bytes)),
}

DEFAULT_GOAL = GOALS[0]


@dataclass(frozen=True)
class Selection:
    """The chosen candidate of each op, by position in ``Graph.ops``, and why it was chosen."""

    chosen: tuple[Candidate, ...]
    reasons: tuple[str, ...]

    @property
    def totals(self) -> Totals:
        """What the chosen cost together."""
        return _State(self.chosen).totals({})

    @property
    def variants(self) -> tuple[Variant, ...]:
        return tuple(candidate.variant for candidate in self.chosen)


def select(graph: Graph, board: Board, goal: str = DEFAULT_GOAL) -> Selection:
    """The variants that serve a goal of ``fwgen.GOALS`` best, of those that the core can run.

    Raises ModelError if an op has none.
    """
    return choose([_candidates(graph, op, board) for op in graph.ops], goal)


def choose(options: Sequence[tuple[Candidate, ...]], goal: str) -> Selection:
    """A candidate per op, of one or more for each."""
    search = _Search(options, _GOAL_OF[goal], [min(found, key=_fastest) for found in options])
    balanced = _Search(options, _GOAL_OF["balanced"], search.chosen)
    balanced.improve()
    smallest = [min(found, key=_smallest) for found in options]
    for start in (smallest, balanced.chosen):
        search = min(search, _Search(options, search.goal, start), key=_Search.improve)
    reasons = (search.reason(position) for position in range(len(options)))
    return Selection(tuple(search.chosen), tuple(reasons))


def macs(graph: Graph) -> Mapping[int, int]:
    """Multiply-accumulates of one inference by op index."""
    known = operators()
    return {op.index: known[op.code].macs(graph, op) for op in graph.ops}


def _candidates(graph: Graph, op: Op, board: Board) -> tuple[Candidate, ...]:
    variants = operators()[op.code].variants
    usable = [v for v in variants if v.needs <= board.cpu.features and v.holds(graph, op)]
    if not usable:
        raise ModelError(
            f"None of the kernels of {op.code} ({', '.join(v.name for v in variants)}) covers "
            f"this op on a {board.cpu.name}.",
            at=place(graph, op),
        )
    return tuple(_candidate(graph, op, variant) for variant in usable)


def _candidate(graph: Graph, op: Op, variant: Variant) -> Candidate:
    calls = variant.calls(graph, op)
    constants = {
        arg.role: arg.data.nbytes for c in calls for arg in c.args if isinstance(arg, Constant)
    }
    tensors = {arg.tensor for c in calls for arg in c.args if isinstance(arg, Ref)}
    known = sum(graph.tensors[t].bytes for t in tensors if graph.tensors[t].data is not None)
    return Candidate(
        variant=variant,
        calls=calls,
        cycles=variant.cost(graph, op),
        constant_bytes=sum(constants.values()) + known,
        scratch_bytes=variant.scratch_bytes(graph, op),
        # where it moves no data it calls nothing
        kernels=frozenset() if variant.alias else frozenset(k for c in calls for k in c.kernels),
    )


Change = dict[int, Candidate]
"""Other candidates, by position."""


def _fastest(candidate: Candidate) -> tuple[float, int]:
    return candidate.cycles, candidate.constant_bytes


def _smallest(candidate: Candidate) -> tuple[int, float]:
    code = sum(code_bytes(kernel) for kernel in candidate.kernels)
    return candidate.constant_bytes + code, candidate.cycles


class _State:
    """A choice with its sums kept, so that what a change makes of them takes no walk over all."""

    def __init__(self, chosen: Sequence[Candidate]) -> None:
        self.chosen = list(chosen)
        self.users = Counter(kernel for c in self.chosen for kernel in c.kernels)
        self.cycles = 1.0 + sum(c.cycles for c in self.chosen)
        self.flash_bytes = runtime_bytes() + sum(c.constant_bytes for c in self.chosen)
        self.flash_bytes += sum(code_bytes(kernel) for kernel in self.users)
        self.by_scratch = self._by_scratch()

    def _by_scratch(self) -> list[int]:
        return sorted(range(len(self.chosen)), key=lambda p: -self.chosen[p].scratch_bytes)

    def totals(self, change: Change) -> Totals:
        """What the choice costs after a change."""
        cycles, flash, uses = self.cycles, self.flash_bytes, Counter[str]()
        for position, candidate in change.items():
            old = self.chosen[position]
            cycles += candidate.cycles - old.cycles
            flash += candidate.constant_bytes - old.constant_bytes
            uses.subtract(old.kernels)
            uses.update(candidate.kernels)
        for kernel, more in uses.items():
            before = self.users[kernel] > 0
            after = self.users[kernel] + more > 0
            flash += (after - before) * code_bytes(kernel)
        others = (p for p in self.by_scratch if p not in change)
        first = next(others, None)
        scratch = [c.scratch_bytes for c in change.values()]
        scratch += [] if first is None else [self.chosen[first].scratch_bytes]
        return Totals(cycles, flash, max(scratch, default=0))

    def apply(self, change: Change) -> None:
        """Make a change."""
        after = self.totals(change)
        self.cycles, self.flash_bytes = after.cycles, after.flash_bytes
        for position, candidate in change.items():
            self.users.subtract(self.chosen[position].kernels)
            self.users.update(candidate.kernels)
            self.chosen[position] = candidate
        self.by_scratch = self._by_scratch()


class _Search(_State):
    """A choice and the changes that it can take."""

    def __init__(
        self, options: Sequence[tuple[Candidate, ...]], goal: Goal, start: Sequence[Candidate]
    ) -> None:
        super().__init__(start)
        self.options, self.goal = options, goal

    def improve(self) -> tuple[float, ...]:
        """Make changes that serve the goal as long as there are some; the goal's value."""
        best, before = self.goal(self.totals({})), None
        while best != before:
            before = best
            for change in self.changes():
                value = self.goal(self.totals(change))
                if value < best:
                    best = value
                    self.apply(change)
        return self.goal(_State(self.chosen).totals({}))

    def changes(self) -> Iterator[Change]:
        """Every other candidate of an op; then, for every kernel, all others than those with it."""
        for position, found in enumerate(self.options):
            for candidate in found:
                if candidate is not self.chosen[position]:
                    yield {position: candidate}
        for kernel in sorted(kernel for kernel, count in self.users.items() if count > 1):
            change = self.without(kernel)
            if change:
                yield change

    def without(self, kernel: str) -> Change:
        """The cheapest candidates in place of those that use a kernel; {} where one has none."""
        change = {}
        for position, candidate in enumerate(self.chosen):
            if kernel in candidate.kernels:
                others = [c for c in self.options[position] if kernel not in c.kernels]
                if not others:
                    return {}
                change[position] = min(others, key=_fastest)
        return change

    def reason(self, position: int) -> str:
        """Why the candidate at ``position`` was chosen, in a few words."""
        chosen, found = self.chosen[position], self.options[position]
        others = [c for c in found if c is not chosen]
        if not others:
            return "the only kernel for it"
        rival = min(others, key=lambda c: c.cycles)
        if chosen.cycles <= rival.cycles:
            return f"fastest: {rival.variant.name} would take {_ratio(rival, chosen)} as long"
        now, then = self.totals({}), self.totals({position: rival})
        return (
            f"{rival.variant.name} would save {chosen.cycles - rival.cycles:,.0f} cycles "
            f"for {then.flash_bytes - now.flash_bytes:,} more bytes of flash, "
            f"{rival.scratch_bytes - chosen.scratch_bytes:,} of scratch"
        )


def _ratio(rival: Candidate, chosen: Candidate) -> str:
    return f"{rival.cycles / max(chosen.cycles, 1.0):.2g} times"
