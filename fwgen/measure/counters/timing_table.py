"""The timing table of a core that executes one instruction after the other: each takes as many
cycles as Arm documents, whatever is around it.

The Cortex-M0 and M0+ are such cores, and LLVM has no scheduling tables of them. Their Technical
Reference Manuals (DDI 0432C and DDI 0484C, section "Instruction set summary") give cycles without
wait states. The two differ in what a taken branch costs, which ``pipeline_model`` adds, and in
barriers and special registers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from fwgen.measure.counters.core_models import CoreModel
from fwgen.measure.counters.llvm import Cost, Text

_ONE = re.compile(
    r"adcs|adds?|adr|ands|asrs|bics|blx|bx|cm[np]|cps(ie|id)?|eors|ls[lr]s|movs?|muls|mvns|nop|"
    r"orrs|rev(16|sh)?|rors|rsbs|sbcs|sev|subs?|[su]xt[bh]|tst|"
    r"b(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)?"
)
"""Without the cycles of going elsewhere. A multiplication takes 1 with the fast multiplier, which
is assumed here, or 32 with the small one."""

_TWO = re.compile(r"(ldr|str)(s?[bh])?|(ldm|stm)(ia)?|push|pop|bl")
"""Loads and stores, of several registers with the first one; and a call, whose code is 32 bits."""

_SYSTEM = re.compile(r"mrs|msr|dsb|dmb|isb")


class TimingTable:
    """What texts cost on a core with ``system_cycles``: the sum over the instructions.

    An instruction that is not of Armv6-M costs one cycle and is named.
    """

    def __init__(self, core: CoreModel) -> None:
        self.core = core

    def costs(self, texts: Iterable[Text]) -> dict[Text, Cost]:
        """The cost of each text run once."""
        return {text: self._cost(text) for text in set(texts) | {()}}

    def _cost(self, text: Text) -> Cost:
        cycles, unknown = 0, set()
        for line in text:
            mnemonic = line.split()[0]
            name = mnemonic.split(".")[0]
            if _TWO.fullmatch(name):  # a return by POP takes one more than a load and a branch
                cycles += 3 if name == "pop" and "pc" in line else 2
            elif _SYSTEM.fullmatch(name):
                cycles += self.core.system_cycles
            else:
                cycles += 1
                if not _ONE.fullmatch(name):
                    unknown.add(mnemonic)
        return Cost(cycles, tuple(sorted(unknown)))
