"""Instructions as LLVM prints them, and what kind of work each is."""

from __future__ import annotations

import re
from dataclasses import dataclass

CLASSES = {
    "mve_mac": "vector multiply-accumulate",
    "mve_memory": "vector load, store",
    "mve": "other vector",
    "multiply": "multiply, divide",
    "memory": "load, store",
    "float": "floating point",
    "branch": "branch",
    "loop": "low-overhead loop",
    "alu": "other",
    "unknown": "not disassembled",
}
"""Classes of instructions, by the names they have in results."""

_CONDITION = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
_SCALAR = (
    (re.compile(r"(le|letp|[dw]ls|[dw]lstp|lctp)$"), "loop"),
    (re.compile(rf"(bl?|blx|bx|blxns|bxns|cbn?z|tb[bh]|b(l|x|lx)?({_CONDITION}))$"), "branch"),
    (re.compile(r"ldr|str|ldm|stm|push|pop|pld|lda|stl"), "memory"),
    (re.compile(r"mul|ml[as]|smul|umul|[su]ml|smm|smu|[su]div|umaal"), "multiply"),
)
_VECTOR = (
    (re.compile(r"vld|vst"), "mve_memory"),
    (re.compile(r"vr?ml[as]|vfm[as]"), "mve_mac"),
    (re.compile(r"v"), "mve"),
)
_FLOAT = (
    (re.compile(r"vldr|vstr|vldm|vstm|vpush|vpop"), "memory"),
    (re.compile(r"vp|vctp"), "mve"),
    (re.compile(r"v"), "float"),
)


@dataclass(frozen=True)
class Instruction:
    """``mnemonic`` in lower case with its suffixes, ``operands`` as LLVM prints them."""

    mnemonic: str
    operands: str

    @property
    def name(self) -> str:
        """The mnemonic without type and width."""
        return self.mnemonic.split(".")[0]

    @property
    def kind(self) -> str:
        """One of CLASSES."""
        forms = _VECTOR if re.search(r"\b(q\d|p0)\b", self.operands) else _FLOAT
        return next((kind for form, kind in (*forms, *_SCALAR) if form.match(self.name)), "alu")


Code = tuple[Instruction | None, ...]
"""Instructions in a row; None for what could not be disassembled."""
