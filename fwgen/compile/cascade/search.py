"""The search for cascades: Graph + Board -> Graph in which chains of ops that need the most
memory are cascades.

As long as it lowers the largest peak of all ops, the op with that peak and some before and after it
become a CASCADE (``compile/cascade/cascade_operator.py``). Of the chains that lower it most, the
one is taken that costs the fewest cycles. Where no peak may be above a limit, the chains are
divided among all ops so that they cost the fewest cycles together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from fwgen.board import Board
from fwgen.compile.cascade.bands import Band, NeededRows, band_graph, bands_of, rows_of
from fwgen.compile.cascade.cascade_operator import CASCADE, FEED, Cascade, cascade_form, inputs_of
from fwgen.compile.request import Request
from fwgen.compile.schedule.lifetimes import by_tensor, lifetimes
from fwgen.compile.select.candidates import Candidate, Candidates, candidates_at
from fwgen.compile.select.choices import Choices
from fwgen.compile.select.kernel_search import fewest_cycles
from fwgen.contract.call import Repeat
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.errors import ModelError
from fwgen.kernels.core_cycles import forms_on
from fwgen.kernels.providers import OWN, Providers, usable, without_libraries
from fwgen.model.graph import Graph, Op
from fwgen.ops import operators

MOST_OPS = 8
"""Ops of a chain."""

HEIGHTS = (1, 2, 4, 8)
"""Rows of the last op's bands; so many times more where there would be over ``MOST_BANDS``."""

MOST_BANDS = 256
"""Bands of an op, so that the work does not grow with the height of images."""

MOST_RUNS = 30_000
"""Bands of all ops in all chains that are tried for a graph; real models take some thousand."""

MARGIN = 15 / 16
"""Of the largest peak, which a plan may go beyond where other peaks are as large."""

LEAN = 1.15
"""Times the cycles of a kernel's fastest form that one with less scratch memory may take."""


def cascade(
    choices: Choices, request: Request, most_cycles: float, enough_bytes: int = 0
) -> Choices:
    """The graph with cascades that lower the largest peak, if there are any, and its candidates.

    ``choices`` are those of a graph without cascades. ``most_cycles`` bounds the sum of the fastest
    kernels' estimated cycles. No peak need be lower than ``enough_bytes``. Bands are done by
    fwgen's own kernels, whoever does the other ops. A ``request`` for an input that is fed row by
    row puts a cascade at the beginning that takes it; raises ModelError if there is none.
    """
    graph, candidates = choices.graph, choices.candidates
    memo = BandForms(graph, request.board, request.providers)
    search = _CascadeSearch(request.board, request.providers, memo, most_cycles, enough_bytes)
    found = search.fed(graph, candidates) if request.fed else search.lowered(graph, candidates)
    return Choices(*found, plain=choices)


def covers(choices: Choices, request: Request, limits: Sequence[int]) -> Iterator[Choices]:
    """For each limit the graph whose peaks keep it, with the cascades that cost the fewest cycles,
    and its candidates; nothing for limits that no cascades keep.

    Ops that do not go by rows are in no cascade and keep none. The largest of their peaks, less
    ``MARGIN``, is the least limit.
    """
    memo = BandForms(choices.graph, request.board, request.providers)
    search = _CascadeSearch(request.board, request.providers, memo, inf, 0)
    trials: dict[range, _Trial | None] = {}
    graph = choices.graph
    by_rows = [rows_of(Node(graph, op)) is not None for op in graph.ops]
    others = [f for f, rows in zip(choices.candidates, by_rows, strict=True) if not rows]
    floor = _peak(others)[0] if others else 0
    for limit in dict.fromkeys(max(each, round(MARGIN * floor)) for each in limits):
        most = [limit if rows else floor for rows in by_rows]
        found = search.covered(graph, choices.candidates, most, trials)
        if found is not None:
            yield Choices(*found, plain=choices, most_bytes=max(limit, floor))


@dataclass(frozen=True)
class _Trial:
    """The graph with a chain as a cascade, and the candidates of its ops that are not too slow."""

    graph: Graph
    candidates: Candidates
    peak: tuple[int, int]
    cycles: float


def _peak(candidates: Candidates) -> tuple[int, int]:
    """The largest peak, and at how many ops it is."""
    peaks = [min(c.peak_bytes for c in found) for found in candidates]
    return max(peaks), peaks.count(max(peaks))


def _within(found: Sequence[Candidate], limit: int) -> tuple[Candidate, ...]:
    """The candidates whose peaks keep a limit."""
    return tuple(c for c in found if c.peak_bytes <= limit)


def _cycles_within(found: Sequence[Candidate], limit: int) -> float:
    """Of the fastest of these; infinite if there is none."""
    return min((c.cycles for c in _within(found, limit)), default=inf)


@dataclass(frozen=True)
class _CascadeSearch:
    """The settings that all trials of the search share."""

    board: Board
    providers: Providers
    memo: BandForms
    most_cycles: float
    enough_bytes: int

    def lowered(self, graph: Graph, candidates: Candidates) -> tuple[Graph, Candidates]:
        """The graph with cascades while they lower the largest peak, and its candidates."""
        while candidates and _peak(candidates)[0] > self.enough_bytes:
            peaks = [min(c.peak_bytes for c in found) for found in candidates]
            chains = _chains(graph, peaks.index(max(peaks)))
            trials = [t for chain in chains if (t := self.tried(graph, chain, candidates))]
            best = min(trials, key=self.value, default=None)
            if best is None or best.peak >= _peak(candidates):
                break
            graph, candidates = best.graph, best.candidates
        return graph, candidates

    def covered(
        self,
        graph: Graph,
        candidates: Candidates,
        most: Sequence[int],
        trials: dict[range, _Trial | None],
    ) -> tuple[Graph, Candidates] | None:
        """Chains of the ops that have peaks above ``most``, so that no peak is, at the fewest
        cycles: of all ways to the end of each op, the best. ``trials`` are known before."""
        alone = [_cycles_within(*each) for each in zip(candidates, most, strict=True)]
        best: list[tuple[float, tuple[range, ...]]] = [(0.0, ())]
        for stop in range(1, len(graph.ops) + 1):
            ways = [(best[-1][0] + alone[stop - 1], best[-1][1])]
            for first in range(max(0, stop - MOST_OPS), stop - 1):
                chain = range(first, stop)
                if inf not in alone[first:stop] or best[first][0] == inf:
                    continue
                if chain not in trials:
                    holds = _holds(graph, chain)
                    trials[chain] = self.tried(graph, chain, candidates) if holds else None
                trial = trials[chain]
                if trial is not None:
                    cycles = _cycles_within(trial.candidates[first], most[first])
                    ways.append((best[first][0] + cycles, (*best[first][1], chain)))
            best.append(min(ways, key=lambda way: way[0]))
        if best[-1][0] == inf:
            return None
        ops = [*graph.ops]
        spliced = [_within(*each) for each in zip(candidates, most, strict=True)]
        for chain in reversed(best[-1][1]):  # the positions of those before stay
            made = trials[chain]
            assert made is not None
            ops[chain.start : chain.stop] = [made.graph.ops[chain.start]]
            kept = _within(made.candidates[chain.start], most[chain.start])
            spliced[chain.start : chain.stop] = [kept]
        return replace(graph, ops=tuple(ops)), spliced

    def fed(self, graph: Graph, candidates: Candidates) -> tuple[Graph, Candidates]:
        """The same after a cascade at the beginning that is fed, of the length that is best."""
        reason = _unfed(graph)
        found: list[tuple[Graph, Candidates]] = []
        if reason is None:
            source = Op(-1, FEED, (), graph.inputs, None)
            for length in range(1, min(MOST_OPS, len(graph.ops)) + 1):
                chain = range(length)
                if any(graph.inputs[0] in op.inputs for op in graph.ops[length:]):
                    continue
                trial = (
                    self.tried(graph, chain, candidates, source) if _holds(graph, chain) else None
                )
                if trial is not None:
                    found.append(self.lowered(trial.graph, trial.candidates))
            reason = "no chain of ops by rows has all that use it, or all chains are too slow"
        if not found:
            raise ModelError(
                f"The input cannot be fed row by row: {reason}.",
                at=graph.at,
                tries=("a build without --feed-rows",),
            )
        least = (self.enough_bytes, 0)
        return min(found, key=lambda f: (max(_peak(f[1]), least), fewest_cycles(f[1])))

    def tried(
        self, graph: Graph, chain: range, candidates: Candidates, source: Op | None = None
    ) -> _Trial | None:
        """A chain that ``_holds`` as a cascade, if it can be one that is not too slow."""
        after = fused(graph, chain, self.memo, source)
        if after is None:
            return None
        before, behind = candidates[: chain.start], candidates[chain.stop :]
        left = self.most_cycles - fewest_cycles([*before, *behind])
        lives = by_tensor(lifetimes(after))
        every = candidates_at(after, chain.start, lives, self.board, self.providers)
        found = tuple(c for c in every if c.cycles <= left)
        if not found:
            return None
        spliced = [*before, found, *behind]
        peak = _peak(spliced)
        cycles = min(c.cycles for c in found if c.peak_bytes <= peak[0])
        return _Trial(after, spliced, peak, cycles)

    def value(self, trial: _Trial) -> tuple[tuple[int, int], float]:
        """What is to be small: the peak, as far as it matters, then cycles."""
        return max(trial.peak, (self.enough_bytes, 0)), trial.cycles


def _unfed(graph: Graph) -> str | None:
    """Why the input cannot be fed, as far as that is plain to see."""
    if len(graph.inputs) != 1:
        return f"the model has {len(graph.inputs)} inputs, expected 1"
    if graph.inputs[0] in graph.outputs or not graph.ops:
        return "it is an output as it is"
    if rows_of(Node(graph, graph.ops[0])) is None:
        return f"op 0 {graph.ops[0].code} does not go by rows of an int8 image"
    return None


def _chains(graph: Graph, position: int) -> Iterator[range]:
    """Ranges of two positions or more around one that can be cascades."""
    for first in range(max(0, position - MOST_OPS + 1), position + 1):
        for stop in range(max(position, first + 1) + 1, min(first + MOST_OPS, len(graph.ops)) + 1):
            if _holds(graph, range(first, stop)):
                yield range(first, stop)


def _holds(graph: Graph, chain: range) -> bool:
    """Whether all ops go by rows, without a variable, and every tensor between them is read by ops
    of the chain alone."""
    ops = [graph.ops[i] for i in chain]
    if any(rows_of(Node(graph, op)) is None for op in ops):
        return False
    if graph.state.intersection(t for op in ops for t in (*op.inputs, *op.outputs)):
        return False
    inside = {graph.ops[i].outputs[0] for i in chain[:-1]}
    users = {t: [i for i, op in enumerate(graph.ops) if t in op.inputs] for t in inside}
    return not inside & set(graph.outputs) and all(
        found and all(i in chain for i in found) for found in users.values()
    )


Picked = dict[tuple[int, int, int, int], Form]


class BandForms:
    """The forms of ops on bands, each computed once, and the work that may still be done."""

    def __init__(self, graph: Graph, board: Board, providers: Providers = OWN) -> None:
        self.left = MOST_RUNS
        self.graph, self.features = graph, board.cpu.features
        self.providers = without_libraries(providers)
        self.known: dict[tuple[int, tuple[int, ...]], dict[str, tuple[Form, ...]]] = {}

    def afford(self, runs: int) -> bool:
        """Take bands from those that may still be made; False if there are too few."""
        self.left -= runs
        return self.left >= 0

    def of(self, op: Op, band: Band) -> Mapping[str, tuple[Form, ...]]:
        """By name of the kernels that take it, the forms whose calls do not repeat."""
        key = (op.outputs[0], band.shape)
        if key not in self.known:
            graph = band_graph(Node(self.graph, op), band)
            part = graph.ops[0]
            self.known[key] = {
                row.name: self._unrepeated(row, graph, part)
                for row in usable(Node(graph, part), self.features, self.providers)
            }
        return self.known[key]

    def _unrepeated(self, row: Kernel, graph: Graph, op: Op) -> tuple[Form, ...]:
        forms = forms_on(self.features, row, Node(graph, op))
        return tuple(f for f in forms if not any(isinstance(one, Repeat) for one in f.calls))

    def chosen(self, op: Op, bands: Sequence[Band], lean: bool) -> Picked | None:
        """A form by shape of band, all of the kernel that takes the fewest cycles."""
        if op.code == FEED:
            row_bytes = self.graph.output(op).bytes // self.graph.output(op).shape[1]
            return {b.shape: Form((), 0.25 * row_bytes * (b.last - b.first)) for b in bands}
        best: tuple[float, Picked] | None = None
        for name in self.of(op, bands[0]):
            forms = {band.shape: self.of(op, band).get(name, ()) for band in bands}
            if all(forms.values()):
                picked: Picked = {shape: _pick(found, lean) for shape, found in forms.items()}
                cycles = sum(picked[band.shape].cycles for band in bands)
                if best is None or cycles < best[0]:
                    best = cycles, picked
        return None if best is None else best[1]

    def move(self, size: int) -> tuple[str, float]:
        """The kernel that moves bytes to lower addresses, and its cycles."""
        if "mve" in self.features:
            return "fw_move_down_mve", 15.0 + 0.25 * size
        return "fw_move_down", 15.0 + 5.0 * size


def _pick(forms: Sequence[Form], lean: bool) -> Form:
    """The fastest; ``lean``: of those not much slower, the one with the least scratch memory."""
    fastest = min(forms, key=lambda f: f.cycles)
    if not lean:
        return fastest
    near = [f for f in forms if f.cycles <= LEAN * fastest.cycles]
    return min(near, key=lambda f: (f.scratch_bytes, f.cycles))


def fused(graph: Graph, chain: range, memo: BandForms, feed: Op | None = None) -> Graph | None:
    """The graph with the ops of a chain as one, None if they cannot be.

    ``feed`` comes before the chain if its input is to be fed row by row.
    """
    ops = [*([] if feed is None else [feed]), *(graph.ops[i] for i in chain)]
    forms = []
    unit = _least_height(graph, ops[-1])
    for height in (unit * each for each in HEIGHTS):
        bands = _bands(graph, ops, height)
        if bands is None or (len(bands[-1]) < 2 and feed is None):
            break
        if not memo.afford(2 * sum(map(len, bands))):
            break
        for lean in (False, True):
            chosen = [memo.chosen(op, found, lean) for op, found in zip(ops, bands, strict=True)]
            picked = [found for found in chosen if found is not None]
            if len(picked) == len(ops):
                of = [
                    {band: one[band.shape] for band in found}
                    for one, found in zip(picked, bands, strict=True)
                ]
                forms.append(cascade_form(graph, ops, of, memo.move))
    if not forms:
        return None
    known = operators()
    macs = sum(known[op.code].macs(Node(graph, op)) for op in ops if op is not feed)
    options = Cascade(tuple(ops), tuple(sorted(forms, key=lambda f: f.cycles)), macs)
    inputs = inputs_of(graph, ops) if feed is None else feed.outputs
    whole = Op(ops[-1].index, CASCADE, inputs, ops[-1].outputs, options)
    fed = graph.fed if feed is None else feed.outputs[0]
    after = (*graph.ops[: chain.start], whole, *graph.ops[chain.stop :])
    return replace(graph, ops=after, fed=fed)


def _least_height(graph: Graph, op: Op) -> int:
    """Rows of bands of which there are ``MOST_BANDS`` at most."""
    return -(-graph.output(op).shape[1] // MOST_BANDS)


def _bands(graph: Graph, ops: Sequence[Op], height: int) -> list[list[Band]] | None:
    """By op its bands: as many rows as the bands of the ops that use them move on by."""
    heights = [0] * (len(ops) - 1) + [height]
    found: list[list[Band]] = []
    for k in reversed(range(len(ops))):
        op = ops[k]
        rows = NeededRows(1, 1, 0) if op.code == FEED else rows_of(Node(graph, op))
        assert rows is not None
        heights[k] = max(_least_height(graph, op), heights[k])
        for j, other in enumerate(ops[:k]):
            if other.outputs[0] in op.inputs:
                heights[j] = max(heights[j], heights[k] * rows.stride)
        bands = bands_of(Node(graph, op), rows, heights[k])
        if bands is None:
            return None
        found.insert(0, bands)
    return found
