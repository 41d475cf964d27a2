"""The predication of instructions: IT and VPT blocks that a translation block begins or ends
inside of.

QEMU ends its blocks where a page ends. llvm-mca cannot read half an IT or VPT block, and what it
makes of the next text would suffer; there, and only there, the instructions lose their predicates.
"""

from __future__ import annotations

import re
from dataclasses import replace

from fwgen.measure.counters.instructions import Code, Instruction

_INVERSE = dict(
    pair
    for a, b in map(
        str.split, ("eq ne", "cs cc", "hs lo", "mi pl", "vs vc", "hi ls", "ge lt", "gt le")
    )
    for pair in ((a, b), (b, a))
)


def predicates(instruction: Instruction | None) -> tuple[str, ...]:
    """The mnemonic suffixes that the next instructions have because of this one."""
    if instruction is None:
        return ()
    if found := re.fullmatch(r"i(t[te]{0,3})", instruction.name):
        condition = instruction.operands
        return tuple(condition if c == "t" else _INVERSE.get(condition, "") for c in found[1])
    if found := re.fullmatch(r"vps?(t[te]{0,3})", instruction.name):
        return tuple(found[1])
    return ()


def whole(code: Code, inherited: tuple[str, ...] = ()) -> Code:
    """``code`` without halves; ``inherited`` are the predicates that earlier code gives it."""
    own: list[str] = []
    to_come = list(inherited)
    opened = len(code)
    for index, instruction in enumerate(code):
        if to_come:
            own.append(to_come.pop(0))
        else:
            own.append("")
            to_come = list(predicates(instruction))
            opened = index if to_come else opened
    cut = opened if to_come else len(code)
    return tuple(
        _bare(instruction, suffix) if index < len(inherited) or index >= cut else instruction
        for index, (instruction, suffix) in enumerate(zip(code, own, strict=True))
    )


def _bare(instruction: Instruction | None, suffix: str) -> Instruction | None:
    """The instruction without its predicate; what would open a block only compares, or does
    nothing."""
    if instruction is None:
        return None
    name, dot, kind = instruction.mnemonic.partition(".")
    if predicates(instruction):
        if name.startswith("vpt"):
            return replace(instruction, mnemonic=f"vcmp{dot}{kind}")
        return Instruction("nop", "")
    return replace(instruction, mnemonic=name.removesuffix(suffix) + dot + kind)
