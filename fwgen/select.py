"""Graph + Board + goal -> Selection: the kernel variant of each op.

A variant costs cycles, estimated by a formula beside it, and flash: its packed constants, and the
code of its kernels, which the first op that uses a kernel brings and others share. So variants
cannot be chosen op by op. The search begins with the fastest variant of each op and makes the
single change that improves the goal most, until there is none; again from the smallest, and from
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
        return _totals(self.chosen)

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


def _totals(chosen: Sequence[Candidate]) -> Totals:
    kernels = frozenset(kernel for candidate in chosen for kernel in candidate.kernels)
    code = sum(code_bytes(kernel) for kernel in kernels)
    return Totals(
        cycles=sum(c.cycles for c in chosen) + 1.0,
        flash_bytes=runtime_bytes() + code + sum(c.constant_bytes for c in chosen),
        scratch_bytes=max((c.scratch_bytes for c in chosen), default=0),
    )


Change = dict[int, Candidate]
"""Other candidates, by position."""


def _fastest(candidate: Candidate) -> tuple[float, int]:
    return candidate.cycles, candidate.constant_bytes


def _smallest(candidate: Candidate) -> tuple[int, float]:
    code = sum(code_bytes(kernel) for kernel in candidate.kernels)
    return candidate.constant_bytes + code, candidate.cycles


class _Search:
    """A choice and the changes that it can take."""

    def __init__(
        self, options: Sequence[tuple[Candidate, ...]], goal: Goal, start: Sequence[Candidate]
    ) -> None:
        self.options, self.goal, self.chosen = options, goal, list(start)

    def totals(self, change: Change) -> Totals:
        """What the choice costs after a change."""
        return _totals([change.get(position, c) for position, c in enumerate(self.chosen)])

    def improve(self) -> tuple[float, ...]:
        """Make the best change as long as there is one that serves the goal; its value."""
        best = self.goal(self.totals({}))
        while True:
            rated = [(self.goal(self.totals(change)), change) for change in self.changes()]
            value, change = min(rated, key=lambda r: r[0], default=(best, {}))
            if not value < best:
                return best
            best = value
            for position, candidate in change.items():
                self.chosen[position] = candidate

    def changes(self) -> Iterator[Change]:
        """Every other candidate of an op; no kernel of those in use, for all who use it."""
        for position, found in enumerate(self.options):
            for candidate in found:
                if candidate is not self.chosen[position]:
                    yield {position: candidate}
        users = Counter(kernel for c in self.chosen for kernel in c.kernels)
        for kernel in sorted(kernel for kernel, count in users.items() if count > 1):
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
