"""Operations: what each instruction of a listing reads and writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

ALL = (1 << 16) - 1
"""The mask of a whole register: a bit per byte of a vector register."""

TABLE = """
vldrw.32 =v m            | vldrw.u32 =v m        | vldrb.8 =v m         | vldrb.u8 =v m
vldrh.u32 =v m           | vstrb.8 v m           | vstrb.16 v m         | vstrbt.16 v m
vldrh.u16 =v m           | vldrb.s16 =v m        | vstrh.32 v m         | vstrw.32 v m
vmladav.s8 =e v v        | vmladava.s8 +e v v    | vmladav.s16 =e v v   | vmladava.s16 +e v v
vmullb.s16 =v v v        | vmullt.s16 =v v v     | vstrh.16 v m
vmov =v v                | vmov ~l ~l c c        | vmov.i8 =v i         | vdup.16 =v c
vdup.8 =v c              | vmin.u8 =v v v        | vadd.i8 =v v c
vadd.i32 =v v vc         | vqrdmulh.s32 =v v vc  | vqrdmlah.s32 +v v c  | vqdmlah.s32 +v v c
vshr.s32 =v v i          | vrshl.s32 =v v v      | vrshl.s32 +v c
vqadd.s16 =v v vc        | veor =v v v           | vsli.32 ~v v i       | vsri.32 ~v v i
vqmovnb.s32 ~v v         | vqmovnt.s32 ~v v      | vqmovnb.s16 ~v v     | vqmovnt.s16 ~v v
vqmovunb.s16 ~v v        | vqmovunt.s16 ~v v
vctp.16 c                | vpst
ldr =c m                 | ldrd =c =c m          | ldrsb =c m           | ldrsh =c m
str c m                  | mov =c ci             | add =c c ci          | sub =c c ci
cmp c ci                 | subs =c c ci          | beq t                | bne t
le t
"""
"""A mnemonic and its operands: v vector, l lane of a vector, c core register, e even core register,
i immediate, m memory, t target of a branch; = written, + read and written, ~ written in part."""

_FLAGS = {"cmp": "=", "subs": "=", "beq": " ", "bne": " "}
_PREDICATE = {"vctp.16": "=", "vstrbt.16": " "}


@dataclass(frozen=True)
class Access:
    """A register operand: ``kind`` v, e or c; ``mask`` are the bytes written."""

    name: str
    kind: str
    reads: bool
    mask: int = 0


@dataclass(frozen=True)
class Memory:
    """A memory operand: ``[base, index]``, ``[base, offset]``, and how ``base`` moves."""

    base: str
    offset: str = ""
    index: str = ""
    moves: str = ""  # "before", "after"
    stores: bool = False


@dataclass(frozen=True)
class Operation:
    """A line of a listing. ``form`` is the mnemonic with its kinds of operands."""

    text: str
    form: str
    accesses: tuple[Access, ...]
    memory: Memory | None = None
    target: str = ""
    written: int = 0  # operands that are written: the first ones

    @property
    def mnemonic(self) -> str:
        return self.text.split()[0]

    @property
    def branches(self) -> bool:
        return bool(self.target)

    def renamed(self, registers: Mapping[str, str]) -> str:
        """The text with registers in place of names."""
        mnemonic, _, rest = self.text.partition(" ")
        return f"{mnemonic} {NAME.sub(lambda m: registers.get(m[0], m[0]), rest)}".strip()


NAME = re.compile(r"(?<![\w.#*])[A-Za-z_]\w*")
"""A register or a name, but for those in an immediate."""


class SyntaxProblem(Exception):
    """A line that is no operation."""


@cache
def _patterns() -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for entry in TABLE.replace("\n", "|").split("|"):
        if words := entry.split():
            found.setdefault(words[0], []).append(words[1:])
    return found


def is_core(name: str) -> bool:
    """Whether a name is a core register by its spelling."""
    return re.fullmatch(r"r\d+|lr|sp", name) is not None


def parse(line: str, kinds: dict[str, str]) -> Operation:
    """The operation of a line; ``kinds`` says of names that occurred what they are, and learns.

    Raises SyntaxProblem.
    """
    text = " ".join(line.split())
    mnemonic, _, rest = text.partition(" ")
    operands = _split(rest)
    for pattern in _patterns().get(mnemonic, ()):
        if len(pattern) == len(operands):
            given = [_kind(o, p, kinds) for o, p in zip(operands, pattern, strict=True)]
            if all(given):
                return _operation(text, pattern, operands, given, kinds)
    known = mnemonic in _patterns()
    what = f"operands of {mnemonic}" if known else f"operation {mnemonic}"
    raise SyntaxProblem(f"{text!r}: no such {what} in the table of operations")


def _split(text: str) -> list[str]:
    """Operands; the immediate after an address belongs to it."""
    found = [part.strip() for part in re.split(r",(?![^\[]*\])", text)] if text else []
    if len(found) > 1 and found[-2].endswith("]") and found[-2].startswith("["):
        found[-2:] = [", ".join(found[-2:])]
    return found


def _kind(operand: str, wanted: str, kinds: dict[str, str]) -> str:
    """What the operand is of what is wanted, or nothing."""
    wanted = wanted.lstrip("=+~")
    if wanted == "t":
        return "t"
    if operand.startswith("#"):
        return "i" if "i" in wanted else ""
    if operand.startswith("["):
        return "m" if wanted == "m" else ""
    if lane := re.fullmatch(r"([\w]+)\[\d\]", operand):
        return "l" if wanted == "l" and kinds.get(lane[1], "v") == "v" else ""
    kind = "v" if re.fullmatch(r"q\d", operand) else kinds.get(operand)
    if is_core(operand):
        kind = "c"
    if kind is None:
        kind = wanted[0] if len(wanted) == 1 else ""
    if kind in ("c", "e"):
        return "e" if wanted == "e" else "c" if "c" in wanted else ""
    return "v" if kind == "v" and "v" in wanted else ""


@dataclass
class _Reading:
    accesses: list[Access] = field(default_factory=list)
    memory: Memory | None = None
    target: str = ""


def _operation(
    text: str, pattern: list[str], operands: list[str], given: list[str], kinds: dict[str, str]
) -> Operation:
    mnemonic = text.split()[0]
    made = _Reading()
    for wanted, operand, kind in zip(pattern, operands, given, strict=True):
        if kind == "m":
            made.memory = _memory(operand, mnemonic, kinds)
            made.accesses += _accesses_of(made.memory)
        elif kind == "t":
            made.target = operand
        elif kind != "i":
            made.accesses.append(_access(operand, wanted, kind, operands, mnemonic))
            name = made.accesses[-1].name
            if not is_core(name) and not re.fullmatch(r"q\d", name):
                kinds[name] = "e" if "e" in (kind, kinds.get(name)) else made.accesses[-1].kind
    for table, name in ((_FLAGS, "flags"), (_PREDICATE, "predicate")):
        if mnemonic in table:
            writes = table[mnemonic] == "="
            made.accesses.append(Access(name, "f", not writes, ALL if writes else 0))
    index = "x" if made.memory and made.memory.index else ""
    form = " ".join([mnemonic, *(k + index if k == "m" else k for k in given)])
    if made.memory and made.memory.moves:
        form += " " + made.memory.moves
    written = sum(wanted[0] in "=+~" for wanted in pattern)
    return Operation(text, form, tuple(made.accesses), made.memory, made.target, written)


def _access(operand: str, wanted: str, kind: str, operands: list[str], mnemonic: str) -> Access:
    mode = wanted[0]
    if kind == "l":
        name, lane = operand[:-1].split("[")
        return Access(name, "v", True, 15 << 4 * int(lane))
    if mode == "~":
        return Access(operand, kind, True, _part(mnemonic, operands))
    if mode in "=+":
        return Access(operand, kind, mode == "+", ALL)
    return Access(operand, kind, True)


def _part(mnemonic: str, operands: list[str]) -> int:
    """The bytes that an operation writes which keeps the others."""
    found = re.fullmatch(r"vqmovu?n([bt])\.s(16|32)", mnemonic)
    if found:
        half = int(found[2]) // 16
        ones = (1 << half) - 1 << (half if found[1] == "t" else 0)
        return sum(ones << lane for lane in range(0, 16, 2 * half))
    bits = int(operands[-1].lstrip("#"))
    if bits % 8:
        raise SyntaxProblem(f"{mnemonic} by {bits}: only whole bytes are told apart")
    low = (1 << bits // 8) - 1  # of a lane of 4 bytes
    ones = 15 - low if mnemonic.startswith("vsli") else 15 >> bits // 8
    return sum(ones << lane for lane in range(0, 16, 4))


def _memory(operand: str, mnemonic: str, kinds: dict[str, str]) -> Memory:
    found = re.fullmatch(r"\[([^,\]]+)(?:, ?([^\]]+))?\](!|, ?#?([\w-]+))?", operand)
    if found is None:
        raise SyntaxProblem(f"{operand!r} is no address")
    base, second, after = found[1].strip(), found[2] or "", found[3] or ""
    stores = mnemonic.startswith(("vst", "st"))
    kinds.setdefault(base, "c")
    if after:
        moves = "before" if after == "!" else "after"
        return Memory(base, second.lstrip("#"), moves=moves, stores=stores)
    if second and not second.startswith("#"):
        kinds.setdefault(second, "v")
        return Memory(base, index=second, stores=stores)
    return Memory(base, second.lstrip("#"), stores=stores)


def _accesses_of(memory: Memory) -> list[Access]:
    mask = ALL if memory.moves else 0
    found = [Access(memory.base, "c", True, mask)]
    if memory.index:
        found.append(Access(memory.index, "v", True))
    return found
