"""A pass of a listing: operations, the values they compute, and what depends on what.

A pass is a loop's body, written in its natural order. What follows ``next pass`` is done for this
pass while the next one runs, before which nothing of it is done: so a pass as scheduled begins
with what the pass before has left over. Directives, one a line:

    pool vector q0 q1 ..    registers for values: vector, even (core, for VMLADAV), core
    fix name register       a name for a register, or for an operand of inline assembly
    constant name text      what an immediate's name becomes
    pointer name            a fixed name whose accesses are moved past additions to it: the
                            offset of an access is from where the name points to in the beginning
    stores apart            no store is to where something is loaded from (but for the stack)
    together:               the block after it stays as it is, and a name keeps its register in
                            it; a line ``4:`` in it is a label
    uncounted:              in such a block: what a pass usually jumps over
    next pass               see above
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from schedule_kernels import operations
from schedule_kernels.operations import ALL, Access, Operation
from schedule_kernels.source import Line, ListingError

POOLS = {"vector": "v", "even": "e", "core": "c"}


@dataclass(frozen=True)
class Item:
    """An operation, or a label if it has none. An uncounted one is no part of the usual way."""

    text: str
    operation: Operation | None
    counted: bool = True


@dataclass(eq=False)
class Unit:
    """What moves as one: an operation or a block of them. ``early``: of the pass before."""

    items: list[Item]
    early: bool

    def operations(self) -> Iterator[Operation]:
        return (item.operation for item in self.items if item.operation is not None)

    def names(self) -> set[str]:
        """What it reads or writes."""
        return {access.name for operation in self.operations() for access in operation.accesses}


@dataclass
class Value:
    """What a register holds, from the operation that writes it to the last that reads it.

    ``register`` is set if it is always the same; else ``kind`` tells the pool.
    """

    name: str
    kind: str
    register: str = ""
    touches: list[tuple[int, int, int]] = field(default_factory=list)  # unit, bytes read, written


@dataclass
class Pass:
    """Units in a valid order, values, ``before`` (pairs of units, the first before the second)."""

    units: list[Unit] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    before: set[tuple[int, int]] = field(default_factory=set)
    pools: dict[str, list[str]] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    pointers: list[str] = field(default_factory=list)
    value_of: dict[tuple[int, int, int], int] = field(default_factory=dict)
    """By unit, operation in it, access in it."""
    apart: bool = False

    def carried(self, value: Value) -> bool:
        """Whether the next pass uses the value."""
        return not value.register and len({self.units[u].early for u, _, _ in value.touches}) == 2


def build(lines: list[Line], file: str) -> Pass:
    """The pass of expanded lines. Raises ListingError."""
    made = Pass()
    natural = _units(made, lines, file)
    made.units = [u for u in natural if u.early] + [u for u in natural if not u.early]
    place = {unit: u for u, unit in enumerate(made.units)}
    order = [place[unit] for unit in natural]
    _find_values(made, order, file)
    for value in made.values:
        if any(value.register in pool for pool in made.pools.values()):
            raise ListingError(f"{file}: {value.register} is in a pool and used by itself as well")
    _find_dependences(made)
    return made


def _units(made: Pass, lines: list[Line], file: str) -> list[Unit]:
    """Units in the order of the text."""
    kinds: dict[str, str] = {}
    units: list[Unit] = []
    early, group, uncounted = False, -1, -1
    for line in lines:
        if line.depth <= group:
            group = uncounted = -1
        if line.depth <= uncounted:
            uncounted = -1
        try:
            if line.text == "together:":
                group = line.depth
                units.append(Unit([], early))
            elif line.text == "uncounted:" and group >= 0:
                uncounted = line.depth
            elif line.text == "next pass":
                early = True
            elif _directive(made, line.text, kinds):
                pass
            elif re.fullmatch(r"\d+:", line.text) and group >= 0:
                units[-1].items.append(Item(line.text, None))
            else:
                operation = operations.parse(line.text, kinds)
                item = Item(line.text, operation, uncounted < 0)
                if group < 0:
                    units.append(Unit([], early))
                units[-1].items.append(item)
        except (operations.SyntaxProblem, KeyError, ValueError) as error:
            raise ListingError(f"{file}:{line.number}: {error}") from None
    return units


def _directive(made: Pass, text: str, kinds: dict[str, str]) -> bool:
    match text.split():
        case ["pool", kind, *registers]:
            made.pools[POOLS[kind]] = registers
        case ["fix", name, register]:
            made.fixed[name] = register
            kinds[name] = "v" if register.startswith("q") else "c"
        case ["constant", name, constant]:
            made.constants[name] = constant
        case ["pointer", name]:
            made.pointers.append(name)
        case ["stores", "apart"]:
            made.apart = True
        case _:
            return False
    return True


def _find_values(made: Pass, order: list[int], file: str) -> None:
    """Which value each access of each operation is of; ``order`` is that of the text."""
    current: dict[str, int] = {}
    for u in order:
        inside: set[str] = set()  # names of a block
        for o, operation in enumerate(made.units[u].operations()):
            for a, access in sorted(enumerate(operation.accesses), key=lambda x: x[1].mask == ALL):
                known = current.get(access.name)
                fixed = _is_fixed(made, access) or access.name in inside
                fixed |= known is not None and _adds_to(operation, access)
                if not fixed and _begins(access, known is not None):
                    known = None
                elif known is None and not fixed:
                    raise ListingError(f"{file}: {operation.text!r} reads {access.name} too early")
                if known is None:
                    known = current[access.name] = _new_value(made, access, current)
                read = ALL if access.reads and access.mask in (0, ALL) else 0
                made.values[known].touches.append((u, read, access.mask))
                made.value_of[u, o, a] = known
                if len(made.units[u].items) > 1:
                    inside.add(access.name)
                if access.kind == "e":
                    made.values[known].kind = "e"


def _adds_to(operation: Operation, access: Access) -> bool:
    """Whether a core register is read and written: in the same one it takes 2 bytes, not 4."""
    names = [a.name for a in operation.accesses if a.reads]
    return access.kind != "v" and access.name in names and operation.memory is None


def _begins(access: Access, known: bool) -> bool:
    """Whether an access begins a value: it writes without reading, or parts of a new one."""
    if access.mask == ALL:
        return not access.reads
    return access.mask != 0 and not known


def _is_fixed(made: Pass, access: Access) -> bool:
    name = access.name
    return name in made.fixed or access.kind == "f" or bool(re.fullmatch(r"q\d|r\d+|lr|sp", name))


def _new_value(made: Pass, access: Access, current: dict[str, int]) -> int:
    register = made.fixed.get(access.name, access.name) if _is_fixed(made, access) else ""
    for name, value in current.items():  # another name of the register
        if register and made.values[value].register == register and name != access.name:
            return value
    made.values.append(Value(access.name, access.kind, register))
    return len(made.values) - 1


def _find_dependences(made: Pass) -> None:
    """All pairs of units that must stay in order."""
    for value in made.values:
        if value.register in [made.fixed[p] for p in made.pointers]:
            continue
        # what is early first, else in the order of the text
        touches = sorted(value.touches, key=lambda t: not made.units[t[0]].early)
        carried = made.carried(value)
        for i, (first, read, written) in enumerate(touches):
            for second, reads, writes in touches[i + 1 :]:
                over = carried and made.units[first].early != made.units[second].early
                if first != second and (over or written & (reads | writes) or read & writes):
                    made.before.add((first, second))
    for second, unit in enumerate(made.units):
        for first in range(second):
            before = made.units[first]
            if _in_order(made, before, unit):
                made.before.add((first, second))


def _in_order(made: Pass, before: Unit, unit: Unit) -> bool:
    """Whether memory, a branch or a pointer's way keeps two units in their order."""
    if any(len(u.items) == 1 and next(u.operations()).branches for u in (before, unit)):
        return True
    for first in before.operations():
        for second in unit.operations():
            if _memory_conflicts(made, first, second):
                return True
    for pointer in made.pointers:
        moves = [moved(u, pointer) for u in (before, unit)]
        uses = [pointer in u.names() for u in (before, unit)]
        if all(uses) and (OPAQUE in moves or all(m is not None for m in moves)):
            return True
    return False


def _memory_conflicts(made: Pass, first: Operation, second: Operation) -> bool:
    a, b = first.memory, second.memory
    if a is None or b is None or not (a.stores or b.stores):
        return False
    if a.base == b.base == "sp":
        spans = [(int(m.offset or 0), _width(o)) for o, m in ((first, a), (second, b))]
        (x, n), (y, m) = spans
        return x < y + m and y < x + n
    if "sp" in (a.base, b.base):
        return False
    return a.stores == b.stores or not made.apart


def _width(operation: Operation) -> int:
    return 16 if operation.mnemonic.startswith("v") else 8 if operation.mnemonic == "ldrd" else 4


OPAQUE = "opaque"


def moved(unit: Unit, pointer: str) -> int | str | None:
    """The bytes by which a unit moves a pointer, OPAQUE if they vary, None if it does not."""
    total: int | None = None
    for operation in unit.operations():
        if not any(a.name == pointer and a.mask for a in operation.accesses):
            continue
        if len(unit.items) > 1:
            return OPAQUE
        if operation.memory is not None and operation.memory.base == pointer:
            total = int(operation.memory.offset)
        elif found := re.fullmatch(rf"(add|sub) {pointer}, {pointer}, #(-?\d+)", operation.text):
            total = int(found[2]) * (1 if found[1] == "add" else -1)
        else:
            return OPAQUE
    return total
