"""Graph + Board -> Graph: chains of ops that need the most memory become cascades.

As long as it lowers the largest peak of all ops, the op with that peak and some before and after it
become a CASCADE (``ops/cascade.py``). Of the chains that lower it most, the one is taken that costs
the fewest cycles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from fwgen.board import Board
from fwgen.lifetimes import by_tensor, lifetimes
from fwgen.model.graph import Graph, Op
from fwgen.ops import operators
from fwgen.ops.bands import Band, band_graph, bands_of, rows_of
from fwgen.ops.cascade import Cascade, cascade_form, inputs_of
from fwgen.ops.operator import Form, Repeat, Variant
from fwgen.select import Candidate, candidates

MOST_OPS = 8
"""Ops of a chain."""

HEIGHTS = (1, 2, 4, 8)
"""Rows of the last op's bands."""

LEAN = 1.15
"""Times the cycles of a kernel's fastest form that one with less scratch memory may take."""


def cascade(graph: Graph, board: Board, most_cycles: float) -> Graph:
    """The graph with cascades that lower the largest peak, if there are any.

    ``most_cycles`` bounds the sum of the fastest kernels' estimated cycles.
    """
    memo: _Forms = _Forms(graph, board)
    found = [
        candidates(graph, p, by_tensor(lifetimes(graph)), board) for p in range(len(graph.ops))
    ]
    while found:
        peaks = [min(c.peak_bytes for c in options) for options in found]
        peak = max(peaks)
        position = peaks.index(peak)
        best: tuple[tuple[float, float], range, Graph, tuple[Candidate, ...]] | None = None
        for chain in _chains(graph, position):
            fused = _fused(graph, chain, memo)
            if fused is None:
                continue
            options = candidates(fused, chain.start, by_tensor(lifetimes(fused)), board)
            others = [p for i, p in enumerate(peaks) if i not in chain]
            result = max([min(c.peak_bytes for c in options), *others])
            cycles = min(c.cycles for c in options if c.peak_bytes <= result)
            rest = sum(min(c.cycles for c in o) for i, o in enumerate(found) if i not in chain)
            if cycles + rest > most_cycles or result >= peak:
                continue
            if best is None or (result, cycles) < best[0]:
                best = (result, cycles), chain, fused, options
        if best is None:
            break
        _, chain, graph, options = best
        found[chain.start : chain.stop] = [options]
    return graph


def _chains(graph: Graph, position: int) -> Iterator[range]:
    """Ranges of positions around one, of ops by rows whose outputs are used inside or are last."""
    by_rows = [rows_of(graph, op) is not None for op in graph.ops]
    first = position
    while first >= 0 and by_rows[first]:
        last = position
        while last < len(graph.ops) and by_rows[last]:
            chain = range(first, last + 1)
            if 1 < len(chain) <= MOST_OPS and _is_closed(graph, chain):
                yield chain
            last += 1
        first -= 1


def _is_closed(graph: Graph, chain: range) -> bool:
    """Whether what all ops but the last make is used by ops of the chain, and nowhere else."""
    inside = {graph.ops[i].outputs[0] for i in chain[:-1]}
    users = {t: [i for i, op in enumerate(graph.ops) if t in op.inputs] for t in inside}
    return not inside & set(graph.outputs) and all(
        found and all(i in chain for i in found) for found in users.values()
    )


Picked = dict[tuple[int, int, int, int], Form]


class _Forms:
    """The forms of ops on bands, each computed once."""

    def __init__(self, graph: Graph, board: Board) -> None:
        self.graph, self.features = graph, board.cpu.features
        self.known: dict[tuple[int, tuple[int, ...]], dict[str, tuple[Form, ...]]] = {}

    def of(self, op: Op, band: Band) -> Mapping[str, tuple[Form, ...]]:
        """By name of the variants that hold, the forms whose calls do not repeat."""
        key = (op.outputs[0], band.shape)
        if key not in self.known:
            graph = band_graph(self.graph, op, band)
            part = graph.ops[0]
            self.known[key] = {
                variant.name: _unrepeated(variant, graph, part)
                for variant in operators()[op.code].variants
                if variant.needs <= self.features and variant.holds(graph, part)
            }
        return self.known[key]

    def chosen(self, op: Op, bands: Sequence[Band], lean: bool) -> Picked | None:
        """A form by shape of band, all of the variant that takes the fewest cycles."""
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


def _unrepeated(variant: Variant, graph: Graph, op: Op) -> tuple[Form, ...]:
    forms = variant.forms_of(graph, op)
    return tuple(f for f in forms if not any(isinstance(one, Repeat) for one in f.calls))


def _pick(forms: Sequence[Form], lean: bool) -> Form:
    """The fastest; ``lean``: of those not much slower, the one with the least scratch memory."""
    fastest = min(forms, key=lambda f: f.cycles)
    if not lean:
        return fastest
    near = [f for f in forms if f.cycles <= LEAN * fastest.cycles]
    return min(near, key=lambda f: (f.scratch_bytes, f.cycles))


def _fused(graph: Graph, chain: range, memo: _Forms) -> Graph | None:
    """The graph with the ops of a chain as one, None if they cannot be."""
    ops = [graph.ops[i] for i in chain]
    forms = []
    for height in HEIGHTS:
        bands = _bands(graph, ops, height)
        if bands is None or len(bands[-1]) < 2:
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
    macs = sum(known[op.code].macs(graph, op) for op in ops)
    options = Cascade(tuple(ops), tuple(sorted(forms, key=lambda f: f.cycles)), macs)
    last = ops[-1]
    fused = Op(last.index, "CASCADE", inputs_of(graph, ops), last.outputs, options)
    return replace(graph, ops=(*graph.ops[: chain.start], fused, *graph.ops[chain.stop :]))


def _bands(graph: Graph, ops: Sequence[Op], height: int) -> list[list[Band]] | None:
    """By op its bands: as many rows as the bands of the ops that use them move on by."""
    heights = [0] * (len(ops) - 1) + [height]
    found: list[list[Band]] = []
    for k in reversed(range(len(ops))):
        op = ops[k]
        rows = rows_of(graph, op)
        assert rows is not None
        heights[k] = max(1, heights[k])
        for j, other in enumerate(ops[:k]):
            if other.outputs[0] in op.inputs:
                heights[j] = max(heights[j], heights[k] * rows.stride)
        bands = bands_of(graph, op, rows, heights[k])
        if bands is None:
            return None
        found.insert(0, bands)
    return found
