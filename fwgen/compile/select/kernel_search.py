"""The search for kernels: Candidates + goal -> Selection, the row of each op and its form.

A row costs cycles, which a formula beside it estimates, and flash: its packed constants and the
code of its C files. The first op that uses a C file brings its code, which other ops share. So
rows cannot be chosen op by op. The search begins with the fastest row of each op, and makes changes
that serve the goal until there is none. It begins again with the smallest rows, and with those
balanced op by op, and takes the best of the three results. A change is another row for one op, or
for all ops that use a C file, which then goes.

The arena is the largest peak of all ops. So the search is made under a limit for all peaks, again
and again with smaller limits. Under a limit, a row stands for its fastest form that keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations, islice, product
from math import inf

from fwgen.compile.select import goals
from fwgen.compile.select.candidates import Candidate, Candidates
from fwgen.compile.select.larger_weights import frugal
from fwgen.compile.select.selection import Change, Selection, State
from fwgen.kernels.code_bytes import code_bytes

PAIRS = 4000
"""Changes of two ops at once that are tried at most, round by round, where flash is to be small."""

_STEP = 0.98
"""From one limit of all peaks to the next."""


def fewest_cycles(candidates: Candidates) -> float:
    """Of the fastest choice."""
    return sum(min(c.cycles for c in found) for found in candidates)


def allowed_cycles(candidates: Candidates, goal: str, slowdown: float | None = None) -> float:
    """What a goal may cost: ``slowdown`` times the fastest choice; None stands for ``SLOWDOWN``.

    For ``size`` that is the fastest choice without larger weights, so that none are needed.
    """
    if goal not in goals.SLOWDOWN:
        return inf
    if goal == "size":
        candidates = [frugal(found) for found in candidates]
    return (slowdown or goals.SLOWDOWN[goal]) * fewest_cycles(candidates)


def choose(
    candidates: Candidates,
    goal: str,
    own: Candidates | None = None,
    most_bytes: int | None = None,
    slowdown: float | None = None,
) -> Selection:
    """A candidate per op: the best of what is best under each limit of all peaks.

    ``own`` are the candidates of the graph without cascades, if there are some, with whose cycles
    those of a goal with a limit are compared, see ``allowed_cycles``. No peak is above
    ``most_bytes``, or else above the least that is possible.
    """
    own = candidates if own is None else own
    least = max((min(c.peak_bytes for c in found) for found in candidates), default=0)
    value = goals.within(allowed_cycles(own, goal, slowdown), goals.GOAL_OF[goal])

    inner = goals.STEPS.get(goal, (value,))
    limit: float = inf if most_bytes is None else max(most_bytes, least)
    starts = [_settled(candidates, way, limit).chosen for way in goals.STARTS.get(goal, ())]
    found: list[_ChoiceSearch] = []
    while True:
        settled = [_settled(candidates, way, limit, starts) for way in inner]
        arenas = [search.totals({}).arena_bytes for search in settled]
        # a limit that is far off hides forms that would be faster without a larger arena
        again = [_settled(candidates, *one) for one in zip(inner, arenas, strict=True)]
        found += settled + again
        starts = []  # no longer within the limit
        arena = max(arenas)
        if arena <= least:
            break
        limit = max(least, min(arena - 1, int(arena * _STEP)))

    best = _refined(min(found, key=lambda search: value(search.totals({}))), value)
    if goal == "size":  # what one op saves of the cycles that there are, another may need
        best = _ChoiceSearch(best.candidates, value, best.chosen)
        best.improve(PAIRS)
    reasons = (best.reason(position, candidates) for position in range(len(candidates)))
    providers = tuple(map(_by_provider, candidates))
    return Selection(tuple(best.chosen), tuple(reasons), goal, fewest_cycles(own), providers)


def _by_provider(found: tuple[Candidate, ...]) -> Mapping[str, float]:
    return {c.row.provider: c.cycles for c in sorted(found, key=lambda c: -c.cycles)}


def _settled(
    candidates: Candidates,
    goal: goals.Goal,
    limit: float,
    starts: Sequence[Sequence[Candidate]] = (),
) -> _ChoiceSearch:
    """The best choice that can be found whose peaks are within ``limit``, which is possible.

    ``starts`` are choices to begin with as well.
    """
    allowed = [_within(found, limit) for found in candidates]
    search = _ChoiceSearch(allowed, goal, [min(found, key=_fastest) for found in allowed])
    balanced = _ChoiceSearch(allowed, goals.GOAL_OF["balanced"], search.chosen)
    balanced.improve()
    smallest = [min(found, key=_smallest) for found in allowed]
    for start in (smallest, balanced.chosen, *starts):
        search = min(search, _ChoiceSearch(allowed, goal, start), key=_ChoiceSearch.improve)
    return search


def _refined(best: _ChoiceSearch, goal: goals.Goal) -> _ChoiceSearch:
    """The best of a choice and of those that come of it where one of its kernels is not to be
    had, again and again. Changes alone do not leave a kernel that many of them would have to."""
    again = True
    while again:
        again = False
        for kernel in sorted(kernel for kernel, count in best.users.items() if count):
            left = [tuple(c for c in f if kernel not in c.kernels) for f in best.candidates]
            change = best.without(kernel)
            if not change or not all(left):
                continue
            other = _ChoiceSearch(left, goal, best.chosen)
            other.apply(change)
            if other.improve() < goal(best.totals({})):
                best = _ChoiceSearch(best.candidates, goal, other.chosen)
                best.improve()
                again = True
    return best


def _within(found: tuple[Candidate, ...], limit: float) -> tuple[Candidate, ...]:
    """The fastest form of each row, by each set of C files, whose peak is within ``limit``."""
    best: dict[tuple[str, frozenset[str]], Candidate] = {}
    for candidate in sorted(found, key=lambda c: (c.cycles, c.peak_bytes)):
        if candidate.peak_bytes <= limit:
            best.setdefault((candidate.row.name, candidate.kernels), candidate)
    return tuple(best.values())


def _fastest(candidate: Candidate) -> tuple[float, int]:
    return candidate.cycles, candidate.constant_bytes


def _smallest(candidate: Candidate) -> tuple[int, float]:
    code = sum(code_bytes(kernel) for kernel in candidate.kernels)
    return candidate.constant_bytes + code, candidate.cycles


class _ChoiceSearch(State):
    """A choice and the changes that it can take."""

    def __init__(
        self, candidates: Candidates, goal: goals.Goal, start: Sequence[Candidate]
    ) -> None:
        super().__init__(start)
        self.candidates, self.goal = candidates, goal

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
        return self.goal(State(self.chosen).totals({}))

    def changes(self) -> Iterator[Change]:
        """The changes to try: every other candidate of each op, then for every kernel the
        replacement of all candidates that use it."""
        for position, found in enumerate(self.candidates):
            for candidate in found:
                if candidate is not self.chosen[position]:
                    yield {position: candidate}
        for kernel in sorted(kernel for kernel, count in self.users.items() if count > 1):
            change = self.without(kernel)
            if change:
                yield change

    def pairs(self) -> Iterator[Change]:
        """Every two other candidates of two ops."""
        for one, other in combinations(range(len(self.candidates)), 2):
            for first, second in product(self.candidates[one], self.candidates[other]):
                yield {one: first, other: second}

    def without(self, kernel: str) -> Change:
        """The fastest candidates to replace those that use a kernel; {} if an op has no other
        candidate."""
        change = {}
        for position, candidate in enumerate(self.chosen):
            if kernel in candidate.kernels:
                others = [c for c in self.candidates[position] if kernel not in c.kernels]
                if not others:
                    return {}
                change[position] = min(others, key=_fastest)
        return change

    def reason(self, position: int, candidates: Candidates) -> str:
        """Why the candidate at ``position`` was chosen from ``candidates``, in a few words."""
        chosen, found = self.chosen[position], candidates[position]
        others = [c for c in found if c is not chosen]
        if not others:
            return "the only kernel for it"
        rival = min(others, key=lambda c: c.cycles)
        name = rival.row.name
        if chosen.cycles <= rival.cycles:
            others = [c for c in others if c.row is not chosen.row] or others
            rival = min(others, key=lambda c: c.cycles)
            return f"fastest: {rival.row.name} would take {_ratio(rival, chosen)} as long"
        if rival.row is chosen.row:
            name = "in its fastest form it"
        now, then = self.totals({}), self.totals({position: rival})
        return (
            f"{name} would save {chosen.cycles - rival.cycles:,.0f} cycles "
            f"for {then.flash_bytes - now.flash_bytes:,} more bytes of flash, "
            f"{then.arena_bytes - now.arena_bytes:,} of the arena"
        )


def _ratio(rival: Candidate, chosen: Candidate) -> str:
    return f"{rival.cycles / max(chosen.cycles, 1.0):.2g} times"
