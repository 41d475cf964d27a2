"""The timing table of the Cortex-M3 and M4: Text -> cycles, as Arm documents them, with what
neighbouring loads and stores share.

Source: Technical Reference Manuals of the Cortex-M3 (DDI 0337) and the Cortex-M4 (DDI 0439),
sections "Instruction set summary", "Load/store timings" and, for the FPU, "FPU instruction set".

- A load takes 2 cycles, but 1 after a load or a store at a constant offset. It still takes 2 where
  its address needs what the load before it brings. A store takes 1 at a constant offset. With an
  offset in a register it takes 2, or 1 after a load, and nothing is shared with what follows.
- LDRD and STRD take 3, LDM, STM, PUSH and POP 1 and one for each register; they share nothing.
- A load or store waits 1 cycle where an instruction just before it makes a register of its address,
  unless that is a load or store itself.
- An operation of the FPU that needs the result of the one just before it waits 1 cycle.

Where Arm gives a range the middle is taken, rounded down. SDIV and UDIV have 7 (of 2 to 12), long
multiplications of the M3 4 (of 3 to 5) or, with an addition, 5 (of 4 to 7). IT is folded into the
instruction before it and costs nothing. The costs of going elsewhere are not here. A load of a
literal may wait for the fetch of instructions, which is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fwgen.measure.counters.core_models import CoreModel
from fwgen.measure.counters.llvm import Cost, Text

_CONDITIONS = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"

_CYCLES = tuple(
    (re.compile(pattern), cycles)
    for pattern, cycles in (
        (r"it[te]{0,3}", 0),
        (r"(adc|add|and|asr|bic|eor|ls[lr]|mov|mul|mvn|or[nr]|ror|rrx|rsb|sbc|sub)s?", 1),
        (r"addw|subw|mov[wt]|adr|cm[np]|teq|tst|bf[ci]|[su]bfx|clz|rbit|rev(16|sh)?|nop", 1),
        (r"[su]xt(a?(b|h|b16))|[su]sat(16)?|q(d?add|d?sub)|sel|pkh(bt|tb)|usada?8", 1),
        (r"([su]h?|u?q)(add8|add16|sub8|sub16|asx|sax)", 1),
        (r"ml[as]|sm(ul|la)[bt][bt]|sm(ul|la)w[bt]|sm(ua|us|la|ls)dx?", 1),
        (r"sml[as]ldx?|smlal[bt][bt]|smm(ul|la|ls)r?|umaal|[su]mul?l|[su]mlal", 1),
        (r"[su]div", 7),
        (rf"b({_CONDITIONS})?|bl|bx|blx|cbn?z|cps(ie|id)?|sev|wf[ei]|svc|bkpt|yield|pld", 1),
        (r"tb[bh]|mrs|msr", 2),
        (r"d[sm]b", 1),
        (r"isb", 3),
        (r"ldrd|strd", 3),
        (r"v?(ldm|stm)(ia|db)?|v?(push|pop)", 2),
        (r"v(add|sub|n?mul|abs|neg|cmpe?|cvt[a-z]*|rint[a-z]*|mrs|msr)", 1),
        (r"vf?n?ml[as]|vfn?m[as]", 3),
        (r"vdiv|vsqrt", 14),
    )
)
"""By the name of the instruction. Those of loads, stores and VMOV depend on operands."""

_LOAD = re.compile(r"ldr(s?[bh])?t?|ldrex[bh]?")
_STORE = re.compile(r"str[bh]?t?|strex[bh]?")
_FLOAT_MEMORY = re.compile(r"vldr|vstr")
_ARITHMETIC = re.compile(r"v(?!ldr|str|ldm|stm|push|pop|mov|mrs|msr)")
_SILENT = re.compile(r"cm[np]|teq|tst|it|b|cb|tb|nop|ds|dm|is|cps|sev|wf|msr")
"""Instructions that write no core register, by how their names begin; not of BFC, BFI and BIC."""

_LONG = re.compile(r"[su]mull|[su]mlal.*|smlsldx?|umaal")
"""Those that write two."""


@dataclass(frozen=True)
class _Before:
    """What of an instruction matters to the next one.

    ``loads``: a single load. ``shares``: the next load may begin before it ends. ``makes``:
    registers that a data processing instruction has just made, ``loaded`` those of a load, and
    ``floats`` those of arithmetic in the FPU.
    """

    loads: bool = False
    shares: bool = False
    makes: frozenset[str] = frozenset()
    loaded: frozenset[str] = frozenset()
    floats: frozenset[str] = frozenset()


class PairingTable:
    """What texts cost on a Cortex-M3 or M4. ``core.extra_cycles`` come on top of it.

    An instruction that is not in the table costs one cycle and is named.
    """

    def __init__(self, core: CoreModel) -> None:
        self.core = core

    def costs(self, texts: Iterable[Text]) -> dict[Text, Cost]:
        """The cost of each text run once."""
        return {text: _cost(text) for text in set(texts) | {()}}


def _cost(text: Text) -> Cost:
    cycles, unknown, before = 0, set(), _Before()
    for line in text:
        mnemonic, _, operands = line.partition(" ")
        name = _plain_name(mnemonic.split(".")[0])
        took, before = _step(name, mnemonic, operands, before)
        if took is None:
            unknown.add(mnemonic)
        cycles += 1 if took is None else took
    return Cost(cycles, tuple(sorted(unknown)))


def _plain_name(name: str) -> str:
    """Without the condition that an IT gives it."""
    if _table_cycles(name) is None and not _is_single(name) and name != "vmov":
        found = re.fullmatch(rf"(.+?)({_CONDITIONS})", name)
        return found[1] if found else name
    return name


def _table_cycles(name: str) -> int | None:
    return next((cycles for pattern, cycles in _CYCLES if pattern.fullmatch(name)), None)


def _is_single(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (_LOAD, _STORE, _FLOAT_MEMORY))


def _step(name: str, mnemonic: str, operands: str, before: _Before) -> tuple[int | None, _Before]:
    """Cycles of an instruction after another, None if it is not known, and what follows on."""
    waits = int(bool(before.makes & _address(name, operands)))
    if _LOAD.fullmatch(name):
        target = _registers(operands.partition("[")[0])
        if "pc" in target:
            return 2 + waits, _Before()
        shared = before.shares and not before.loaded & _address(name, operands)
        return 2 - shared + waits, _Before(loads=True, shares=True, loaded=target)
    if _STORE.fullmatch(name):
        if not re.search(r"\[\w+, \w", operands):
            return 1 + waits, _Before(shares=True)
        return 2 - before.loads + waits, _Before()
    if _FLOAT_MEMORY.fullmatch(name):
        return (3 if re.match(r"d\d", operands) else 2) + waits, _Before()
    registers = _registers(operands)
    floats = {r for r in registers if re.fullmatch(r"[sd]\d+", r)}
    if name == "vmov":
        core = len(registers) - len(floats)
        return max(1, core), _Before(makes=_written(name, operands))
    cycles = _table_cycles(name)
    if cycles is None:
        return None, _Before(makes=_written(name, operands))
    if _ARITHMETIC.match(name):
        result = frozenset() if name.startswith("vcmp") else _first(operands, 1)
        sources = floats if re.match(r"vn?ml|vfn?m", name) else floats - result
        return cycles + bool(before.floats & sources), _Before(floats=result)
    return cycles + waits, _Before(makes=_written(name, operands))


def _address(name: str, operands: str) -> frozenset[str]:
    """The registers of the address of a load or store."""
    if name.endswith(("push", "pop")):
        return frozenset({"sp"})
    if re.match(r"v?(ldm|stm)", name):
        return _first(operands, 1)
    return _registers(operands.partition("[")[2].partition("]")[0])


def _written(name: str, operands: str) -> frozenset[str]:
    """The core registers that a data processing instruction makes."""
    if _SILENT.match(name) and not re.match(r"bf|bic", name):
        return frozenset()
    if re.match(r"v?(ldm|stm|push|pop)|ldrd|strd", name):
        return frozenset()
    two = _LONG.fullmatch(name) or (name == "vmov" and re.match(r"r\d+, r\d+,", operands))
    return _first(operands, 2 if two else 1)


def _first(operands: str, count: int) -> frozenset[str]:
    return frozenset(o.strip(" !") for o in operands.split(",")[:count])


def _registers(operands: str) -> frozenset[str]:
    return frozenset(re.findall(r"\b(?:r\d+|sp|lr|pc|s\d+|d\d+)\b", operands))
