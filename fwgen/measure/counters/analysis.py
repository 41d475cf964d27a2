"""The analysis of a recording: Recording + costs -> the instructions and cycles of each segment
of the window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from fwgen.measure.counters.disassembly import Disassembly
from fwgen.measure.counters.instructions import Code
from fwgen.measure.counters.pipeline_model import Costs
from fwgen.measure.counters.record import Recording, Segment


@dataclass
class Share:
    """A part of the execution: ``cycles`` are estimated, ``instructions`` exact."""

    instructions: int = 0
    cycles: float = 0.0

    def add(self, instructions: int, cycles: float) -> None:
        """Add executions."""
        self.instructions += instructions
        self.cycles += cycles


@dataclass
class Work:
    """A segment, or several.

    ``symbols`` go by the function that a block begins in, ``classes`` count instructions, ``pages``
    map addresses of 4 KiB pages to bytes (loaded, stored). ``others`` are the cycles of the whole
    by other estimates, by their names.
    """

    total: Share = field(default_factory=Share)
    symbols: dict[str, Share] = field(default_factory=dict)
    classes: Counter[str] = field(default_factory=Counter)
    pages: dict[int, tuple[int, int]] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)

    def add(self, code: Code, times: int, cycles: float, symbol: str) -> None:
        """Add ``times`` executions of ``code`` that took ``cycles`` together."""
        count = times * len(code)
        self.total.add(count, cycles)
        self.symbols.setdefault(symbol, Share()).add(count, cycles)
        for instruction in code:
            self.classes[instruction.kind if instruction else "unknown"] += times

    def add_pages(self, pages: dict[int, tuple[int, int]]) -> None:
        """Add memory traffic."""
        for page, (loaded, stored) in pages.items():
            before = self.pages.get(page, (0, 0))
            self.pages[page] = (before[0] + loaded, before[1] + stored)


def analyse(recording: Recording, image: Disassembly, costs: Costs) -> list[Work]:
    """The work of each segment."""
    return [_work(segment, recording, image, costs) for segment in recording.segments]


def _work(segment: Segment, recording: Recording, image: Disassembly, costs: Costs) -> Work:
    work = Work()

    def symbol(block: int) -> str:
        return image.function_at(recording.blocks[block].address)

    for edge, count in segment.edges.items():
        cycles = count * costs.edges[edge]
        work.add(costs.code(edge[1]), count, cycles, symbol(edge[1]))
    for cut, times in ((segment.begin, 1), (segment.end, -1)):
        if cut is not None:
            rest = costs.code(cut.block)[cut.index :]
            work.add(rest, times, times * costs.rests[cut], symbol(cut.block))
    work.add_pages(segment.pages)
    return work


def cycles_of(segment: Segment, costs: Costs) -> float:
    """Estimated cycles of a segment."""
    edges = sum(count * costs.edges[edge] for edge, count in segment.edges.items())
    begin = costs.rests[segment.begin]
    return edges + begin - (costs.rests[segment.end] if segment.end is not None else 0.0)


def together(works: Iterable[Work]) -> Work:
    """The sum of several."""
    total = Work()
    for work in works:
        total.total.add(work.total.instructions, work.total.cycles)
        for name, share in work.symbols.items():
            total.symbols.setdefault(name, Share()).add(share.instructions, share.cycles)
        total.classes += work.classes
        for name, cycles in work.others.items():
            total.others[name] = total.others.get(name, 0.0) + cycles
        total.add_pages(work.pages)
    return total
