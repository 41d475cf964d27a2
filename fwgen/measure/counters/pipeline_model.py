"""Recording + Image -> cycles of each step of the execution: the pipeline model.

A block B entered from a block A costs mca(A B) - mca(A) cycles, where mca() is what llvm-mca says
of straight-line code. Over a path the differences add up to one run through the pipeline. The
pipeline is filled and drained once, and unfinished instructions of A delay those of B. A block that
follows itself costs its steady state, (mca(12 B) - mca(4 B)) / 8. A negative difference counts as
0.

Added, because LLVM's tables do not have it (numbers in ``cores``):

- a taken branch: two cycles. The end of a low-overhead loop (LE, LETP) is free, its start (DLS,
  WLS) costs one;
- LDM, STM, PUSH, POP and their vector forms: more than the first ``registers_per_cycle`` registers;
- gather loads and scatter stores: one cycle per element;
- what mca has no model of, or LLVM cannot disassemble: one cycle.

On cores with a timing table of Arm's, mca() is the sum of its cycles. The second models of the
Cortex-M3 and M4 have one in which neighbouring loads and stores share cycles, see ``load_pairing``.

Left out: wait states and bank conflicts of memories, caches, store buffers, branch prediction, and
everything that LLVM's tables leave out, such as early ends of divisions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from fwgen.measure.counters.core_models import CoreModel
from fwgen.measure.counters.disassembly import Disassembly
from fwgen.measure.counters.instructions import Code, Instruction
from fwgen.measure.counters.llvm import Cost, Llvm, Mca, Text
from fwgen.measure.counters.load_pairing import PairingTable
from fwgen.measure.counters.predication import whole
from fwgen.measure.counters.record import Cut, Edge, Recording
from fwgen.measure.counters.timing_table import TimingTable

_FEW, _MANY = 4, 12  # repetitions of a block between which it is in its steady state
_STARTS = ("dls", "wls", "dlstp", "wlstp")
_ENDS = ("le", "letp")
_MULTIPLE = ("ldm", "stm", "push", "pop", "vldm", "vstm", "vpush", "vpop")


class Timing(Protocol):
    """What knows the cycles of straight-line code on a core."""

    core: CoreModel

    def costs(self, texts: Iterable[Text]) -> dict[Text, Cost]:
        """The cost of each text run once. Raises ToolError."""


def timing_of(core: CoreModel, llvm: Llvm) -> Timing:
    """The timing that a model of a core is made of."""
    if core.system_cycles:
        return TimingTable(core)
    return PairingTable(core) if core.pairs_loads else Mca(llvm, core)


class Costs:
    """Cycles of a recording's edges and of the ends of its blocks."""

    def __init__(self, recording: Recording, image: Disassembly, mca: Timing) -> None:
        """Everything is asked of ``mca`` at once. Raises ToolError."""
        self._recording, self._core = recording, mca.core
        found = {number: image.instructions(block) for number, block in recording.blocks.items()}
        self._code = {number: code for number, (code, _) in found.items()}
        self._end = {number: end for number, (_, end) in found.items()}
        self._text = {number: straight_line(code) for number, code in self._code.items()}
        edges = {edge for segment in recording.segments for edge in segment.edges}
        cuts = {cut for s in recording.segments for cut in (s.begin, s.end) if cut is not None}
        costs = mca.costs([*self._texts_of_edges(edges), *self._texts_of_cuts(cuts)])
        self._mca = {text: cost.cycles for text, cost in costs.items()}
        self.edges = {edge: self._edge(edge) for edge in edges}
        self.rests = {cut: self._rest(cut) for cut in cuts}
        self.unmodelled = sorted({name for cost in costs.values() for name in cost.unmodelled})

    def code(self, block: int) -> Code:
        """The instructions of a block."""
        return self._code[block]

    def _texts_of_edges(self, edges: Iterable[Edge]) -> Iterable[Text]:
        for before, after in edges:
            text = self._text[after]
            if before == after:
                yield from (text * _FEW, text * _MANY)
            else:
                yield from (self._text[before], self._text[before] + text)

    def _texts_of_cuts(self, cuts: Iterable[Cut]) -> Iterable[Text]:
        for cut in cuts:
            code = self._code[cut.block]
            yield from (straight_line(code[: cut.index]), straight_line(code))

    def _edge(self, edge: Edge) -> float:
        """Cycles for entering the second block from the first and executing it."""
        before, after = edge
        text = self._text[after]
        if before == after:
            cycles = (self._mca[text * _MANY] - self._mca[text * _FEW]) / (_MANY - _FEW)
        else:
            both = self._mca[self._text[before] + text]
            cycles = max(0, both - self._mca[self._text[before]])
        return cycles + self._extra(self._code[after]) + self._flow(before, after)

    def _rest(self, cut: Cut) -> float:
        """Cycles of a block from an instruction to its end."""
        code = self._code[cut.block]
        whole, head = straight_line(code), straight_line(code[: cut.index])
        return self._mca[whole] - self._mca[head] + self._extra(code[cut.index :])

    def _flow(self, before: int, after: int) -> int:
        """Cycles for the way from one block to another."""
        if self._end[before] == self._recording.blocks[after].address:
            return 0
        last = self._code[before][-1]
        return 0 if last is not None and last.name in _ENDS else self._core.taken_cycles

    def _extra(self, code: Code) -> float:
        """Cycles of the instructions beyond those that mca knows of."""
        return sum(1 if i is None else extra_cycles(i, self._core) for i in code)


def straight_line(code: Code) -> Text:
    """What mca is asked: branches lead to the next instruction, and ends of loops go."""
    return tuple(line for i in whole(code) if i is not None and (line := _line(i)))


def _line(instruction: Instruction) -> str:
    name, operands = instruction.name, instruction.operands
    if instruction.kind == "loop":
        return ""
    if name in ("cbz", "cbnz"):
        return f"{name} {operands.split(',')[0]}, #8"
    if instruction.kind == "branch" and not name.startswith(("bx", "blx", "tb")):
        return f"{name} #8"
    return f"{instruction.mnemonic} {operands}".strip()


def extra_cycles(instruction: Instruction, core: CoreModel) -> float:
    """Cycles that an instruction takes beyond those that mca knows of, see above."""
    name = instruction.name
    if name in _STARTS:
        return core.loop_start_cycles
    if name.startswith(_MULTIPLE) and "{" in instruction.operands:
        return max(0, -(-words(instruction) // core.registers_per_cycle) - 1)
    if instruction.kind == "mve_memory" and re.search(r"\[\w+, q\d|\[q\d", instruction.operands):
        width = re.search(r"(8|16|32|64)$", instruction.mnemonic)
        return 128 // int(width[1]) - 2 if width else 2
    return core.extra_cycles.get(name, 0)


def words(instruction: Instruction) -> int:
    """How many 32-bit words the register list of a load or store multiple has."""
    total = 0
    for item in instruction.operands.partition("{")[2].partition("}")[0].split(","):
        first, _, last = item.strip().partition("-")
        each = 2 if first.startswith("d") else 1
        span = int(last[1:]) - int(first[1:]) + 1 if last else 1
        total += each * span
    return total
