"""Graph + Board + goal -> Selection: the kernel variant of each op, and its form.

A variant costs cycles, estimated by a formula beside it, and flash: its packed constants, and the
code of its kernels, which the first op that uses a kernel brings and others share. So variants
cannot be chosen op by op. The search begins with the fastest variant of each op and makes
changes that serve the goal, until there is none; again from the smallest, and from what is
balanced; the best of the three is chosen. A change is another variant for one op, or for all ops
that use a kernel, which then goes.

The forms of a variant trade cycles for memory: for scratch, and for how far the output may lie
over an input that dies. What an op costs is the peak, all that must be in memory while it runs; the
arena is the largest peak. So the search is made under a limit for all peaks, and again under
smaller and smaller ones; under a limit, a variant stands for its fastest form that keeps it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice, product
from math import inf, lcm

from fwgen.board import Board
from fwgen.compile.schedule.lifetimes import Lifetime, by_tensor, dying_inputs, lifetimes
from fwgen.compile.select import goals
from fwgen.contract.call import Constant, Ref, each_call
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.operator import place
from fwgen.errors import ModelError
from fwgen.kernels.code_bytes import code_bytes, runtime_bytes
from fwgen.kernels.providers import OWN, Providers, usable
from fwgen.model.alignment import ALIGNMENT, aligned
from fwgen.model.graph import Graph, Op
from fwgen.ops import operators


@dataclass(frozen=True)
class Candidate:
    """A form of a variant that computes an op of a graph, and what it costs there.

    ``constant_bytes`` are what it has in flash beside code, ``peak_bytes`` all that must be in the
    arena while it runs, ``kernels`` the file names of the kernels that its calls need.
    """

    variant: Kernel
    form: Form
    constant_bytes: int
    peak_bytes: int
    kernels: frozenset[str]

    @property
    def cycles(self) -> float:
        """Estimated cycles."""
        return self.form.cycles


PAIRS = 4000
"""Changes of two ops at once that are tried at most, round by round, where flash is to be small."""

_STEP = 0.98
"""From one limit of all peaks to the next."""


@dataclass(frozen=True)
class Selection:
    """The chosen candidate of each op, by position in ``Graph.ops``, why it was chosen, and the
    goal that all serve.

    ``fastest_cycles`` is what the fastest candidates would cost, without cascades; ``by_provider``
    are the cycles of each provider's fastest for an op.
    """

    chosen: tuple[Candidate, ...]
    reasons: tuple[str, ...]
    goal: str
    fastest_cycles: float
    by_provider: tuple[Mapping[str, float], ...]

    @property
    def totals(self) -> goals.Totals:
        """What the chosen cost together."""
        return _State(self.chosen).totals({})

    @property
    def variants(self) -> tuple[Kernel, ...]:
        return tuple(candidate.variant for candidate in self.chosen)


Candidates = Sequence[tuple[Candidate, ...]]
"""One candidate or more per op."""


def select(graph: Graph, board: Board, goal: str = goals.DEFAULT_GOAL) -> Selection:
    """The variants that serve a goal of ``fwgen.GOALS`` best, of those that the core can run.

    Raises ModelError if an op has none.
    """
    return choose(options_of(graph, board), goal)


def options_of(graph: Graph, board: Board, providers: Providers = OWN) -> Candidates:
    """All candidates. Raises ModelError if an op has none."""
    lives = by_tensor(lifetimes(graph))
    return [candidates(graph, p, lives, board, providers) for p in range(len(graph.ops))]


def fewest_cycles(options: Candidates) -> float:
    """Of the fastest choice."""
    return sum(min(c.cycles for c in found) for found in options)


def allowed_cycles(options: Candidates, goal: str, slowdown: float | None = None) -> float:
    """What a goal may cost: ``slowdown`` times the fastest choice, by default as ``SLOWDOWN`` has.

    What the default goal would give may always be had.
    """
    if goal not in goals.SLOWDOWN:
        return inf
    balanced = choose(options, "balanced").totals.cycles
    return max((slowdown or goals.SLOWDOWN[goal]) * fewest_cycles(options), balanced)


def choose(
    options: Candidates,
    goal: str,
    own: Candidates | None = None,
    most_bytes: int | None = None,
    slowdown: float | None = None,
) -> Selection:
    """A candidate per op: the best of what is best under each limit of all peaks.

    ``own`` are the options of the graph without cascades, if there are some, with whose cycles
    those of a goal with a limit are compared, see ``allowed_cycles``. No peak is above
    ``most_bytes`` if that is possible.
    """
    own = options if own is None else own
    least = max((min(c.peak_bytes for c in found) for found in options), default=0)
    value = goals.within(allowed_cycles(own, goal, slowdown), goals.GOAL_OF[goal])

    inner = goals.STEPS.get(goal, (value,))
    limit: float = inf if most_bytes is None or most_bytes < least else most_bytes
    starts = [_settled(options, way, limit).chosen for way in goals.STARTS.get(goal, ())]
    found: list[_ChoiceSearch] = []
    while True:
        settled = [_settled(options, way, limit, starts) for way in inner]
        arenas = [search.totals({}).arena_bytes for search in settled]
        # a limit that is far off hides forms that would be faster without a larger arena
        again = [_settled(options, *one) for one in zip(inner, arenas, strict=True)]
        found += settled + again
        starts = []  # no longer within the limit
        arena = max(arenas)
        if arena <= least:
            break
        limit = max(least, min(arena - 1, int(arena * _STEP)))

    best = min(found, key=lambda search: value(search.totals({})))
    if goal == "size":  # what one op saves of the cycles that there are, another may need
        best = _ChoiceSearch(best.options, value, best.chosen)
        best.improve(PAIRS)
    reasons = (best.reason(position, options) for position in range(len(options)))
    providers = tuple(map(_by_provider, options))
    return Selection(tuple(best.chosen), tuple(reasons), goal, fewest_cycles(own), providers)


def _by_provider(found: tuple[Candidate, ...]) -> Mapping[str, float]:
    return {c.variant.provider: c.cycles for c in sorted(found, key=lambda c: -c.cycles)}


def _settled(
    options: Candidates, goal: goals.Goal, limit: float, starts: Sequence[Sequence[Candidate]] = ()
) -> _ChoiceSearch:
    """The best choice that can be found whose peaks are within ``limit``, which is possible.

    ``starts`` are choices to begin with as well.
    """
    allowed = [_within(found, limit) for found in options]
    search = _ChoiceSearch(allowed, goal, [min(found, key=_fastest) for found in allowed])
    balanced = _ChoiceSearch(allowed, goals.GOAL_OF["balanced"], search.chosen)
    balanced.improve()
    smallest = [min(found, key=_smallest) for found in allowed]
    for start in (smallest, balanced.chosen, *starts):
        search = min(search, _ChoiceSearch(allowed, goal, start), key=_ChoiceSearch.improve)
    return search


def _within(found: tuple[Candidate, ...], limit: float) -> tuple[Candidate, ...]:
    """The fastest form of each variant whose peak is within ``limit``."""
    best: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda c: (c.cycles, c.peak_bytes)):
        if candidate.peak_bytes <= limit:
            best.setdefault(candidate.variant.name, candidate)
    return tuple(best.values())


def macs(graph: Graph) -> Mapping[int, int]:
    """Multiply-accumulates of one inference by op index."""
    known = operators()
    return {op.index: known[op.code].macs(graph, op) for op in graph.ops}


def candidates(
    graph: Graph,
    position: int,
    lives: Mapping[int, Lifetime],
    board: Board,
    providers: Providers = OWN,
) -> tuple[Candidate, ...]:
    """All that could compute the op at ``position``. ``lives`` are lifetimes by tensor."""
    op = graph.ops[position]
    found = usable(graph, op, board.cpu.features, providers)
    if not found:
        variants = operators()[op.code].variants
        raise ModelError(
            f"None of the kernels of {op.code} ({', '.join(v.name for v in variants)}) covers "
            f"this op on a {board.cpu.name}.",
            at=place(graph, op),
        )
    moment = _Moment(graph, position, lives)
    return tuple(_candidate(graph, op, v, f, moment) for v in found for f in v.forms(graph, op))


class _Moment:
    """What is in memory while an op runs: ``bytes`` of activations if none overlap."""

    def __init__(self, graph: Graph, position: int, lives: Mapping[int, Lifetime]) -> None:
        live = {id(life): life for life in lives.values() if life.first <= position < life.last}
        self.bytes = sum(aligned(life.bytes) for life in live.values())
        placed = (x for x in live.values() if graph.tensors[x.tensors[0]].offset is not None)
        self.placed = sum(aligned(x.bytes) for x in placed)
        self.output = lives[graph.ops[position].outputs[0]].bytes
        dying = dying_inputs(graph, position, lives)
        self.dying = {place: life.bytes for place, life in dying.items()}

    def peak(self, form: Form) -> int:
        """Bytes with the scratch of a form, where one dying input and the output overlap."""
        if form.pinned_scratch_at is not None:
            return self.bytes - self.placed + aligned(form.pinned_scratch_at + form.scratch_bytes)
        saved, step = 0, lcm(ALIGNMENT, form.step_bytes)
        for at, size in self.dying.items():
            forth, back = form.forwards_at(at), form.backwards_at(at)
            spans = [aligned(self.output) + aligned(size)]
            if forth is not None:
                spans.append(max(self.output, size, size + aligned(forth, step)))
            if back is not None and len(self.dying) == 1:
                spans.append(max(self.output, size, self.output + aligned(back, step)))
            saved = max(saved, spans[0] - aligned(min(spans)))
        return self.bytes - saved + aligned(form.scratch_bytes)


def _candidate(graph: Graph, op: Op, variant: Kernel, form: Form, moment: _Moment) -> Candidate:
    calls = tuple(each_call(form.calls))
    constants = {
        arg.role: arg.data.nbytes for c in calls for arg in c.args if isinstance(arg, Constant)
    }
    tensors = {arg.tensor for c in calls for arg in c.args if isinstance(arg, Ref)}
    known = sum(graph.tensors[t].bytes for t in tensors if graph.tensors[t].data is not None)
    kernels = frozenset(k for c in calls for k in c.kernels)
    return Candidate(
        variant=variant,
        form=form,
        constant_bytes=sum(constants.values()) + known,
        peak_bytes=moment.peak(form),
        # where it moves no data it calls nothing
        kernels=frozenset() if variant.alias else kernels,
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
        self.by_peak = self._by_peak()

    def _by_peak(self) -> list[int]:
        return sorted(range(len(self.chosen)), key=lambda p: -self.chosen[p].peak_bytes)

    def totals(self, change: Change) -> goals.Totals:
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
        others = (p for p in self.by_peak if p not in change)
        first = next(others, None)
        peaks = [c.peak_bytes for c in change.values()]
        peaks += [] if first is None else [self.chosen[first].peak_bytes]
        return goals.Totals(cycles, flash, max(peaks, default=0))

    def apply(self, change: Change) -> None:
        """Make a change."""
        after = self.totals(change)
        self.cycles, self.flash_bytes = after.cycles, after.flash_bytes
        for position, candidate in change.items():
            self.users.subtract(self.chosen[position].kernels)
            self.users.update(candidate.kernels)
            self.chosen[position] = candidate
        self.by_peak = self._by_peak()


class _ChoiceSearch(_State):
    """A choice and the changes that it can take."""

    def __init__(self, options: Candidates, goal: goals.Goal, start: Sequence[Candidate]) -> None:
        super().__init__(start)
        self.options, self.goal = options, goal

    def improve(self, pairs: int = 0) -> tuple[float, ...]:
        """Make changes that serve the goal as long as there are some; the goal's value.

        Of changes of two ops at once, the first ``pairs`` are tried as well.
        """
        best, before = self.goal(self.totals({})), None
        while best != before:
            before = best
            for change in chain(self.changes(), islice(self.pairs(), pairs)):
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

    def pairs(self) -> Iterator[Change]:
        """Every two other candidates of two ops."""
        for one, other in combinations(range(len(self.options)), 2):
            for first, second in product(self.options[one], self.options[other]):
                yield {one: first, other: second}

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

    def reason(self, position: int, options: Candidates) -> str:
        """Why the candidate at ``position`` was chosen from ``options``, in a few words."""
        chosen, found = self.chosen[position], options[position]
        others = [c for c in found if c is not chosen]
        if not others:
            return "the only kernel for it"
        rival = min(others, key=lambda c: c.cycles)
        name = rival.variant.name
        if chosen.cycles <= rival.cycles:
            others = [c for c in others if c.variant is not chosen.variant] or others
            rival = min(others, key=lambda c: c.cycles)
            return f"fastest: {rival.variant.name} would take {_ratio(rival, chosen)} as long"
        if rival.variant is chosen.variant:
            name = "in its fastest form it"
        now, then = self.totals({}), self.totals({position: rival})
        return (
            f"{name} would save {chosen.cycles - rival.cycles:,.0f} cycles "
            f"for {then.flash_bytes - now.flash_bytes:,} more bytes of flash, "
            f"{then.arena_bytes - now.arena_bytes:,} of the arena"
        )


def _ratio(rival: Candidate, chosen: Candidate) -> str:
    return f"{rival.cycles / max(chosen.cycles, 1.0):.2g} times"
