"""Lines of assembler of a schedule: registers for names, offsets from where pointers are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schedule_kernels.operations import Operation
from schedule_kernels.passes import OPAQUE, Unit, moved
from schedule_kernels.search import Schedule


def instructions(schedule: Schedule, units: Sequence[int]) -> list[list[str]]:
    """The lines of each of the units, in the order given, which begins where a pass does."""
    work = schedule.work
    pointed = dict.fromkeys(work.pointers, 0)
    found = []
    for u in units:
        unit = work.units[u]
        found.append(list(_lines(schedule, u, unit, pointed)))
        for pointer in work.pointers:
            by = moved(unit, pointer)
            if by == OPAQUE:
                pointed[pointer] = 0
            elif by is not None:
                pointed[pointer] += int(by)
    return found


def _lines(schedule: Schedule, u: int, unit: Unit, pointed: dict[str, int]) -> Iterator[str]:
    work, o = schedule.work, -1
    for item in unit.items:
        if item.operation is None:
            yield item.text
            continue
        o += 1
        registers = dict(work.fixed)
        accesses = item.operation.accesses
        # several values may have a name: what is written, and what is read
        read, written = dict(registers), dict(registers)
        for a, access in enumerate(accesses):
            register = schedule.registers.get(work.value_of[u, o, a])
            if register is not None:
                if access.reads:
                    read[access.name] = register
                if access.mask:
                    written[access.name] = register
        text = _text(item.operation, read, written, pointed, len(unit.items) == 1)
        for name, constant in work.constants.items():
            text = text.replace(f"*{name}", f"*{constant}")
        yield text


def _text(
    operation: Operation,
    read: dict[str, str],
    written: dict[str, str],
    pointed: dict[str, int],
    alone: bool,
) -> str:
    mnemonic, _, rest = operation.text.partition(" ")
    memory = operation.memory
    if alone and memory and memory.base in pointed and not memory.moves and not memory.index:
        offset = int(memory.offset or 0) - pointed[memory.base]
        address = f"[{memory.base}, #{offset}]" if offset else f"[{memory.base}]"
        rest = re.sub(r"\[.*\]", address, rest)
    found, names = [], operation.written
    parts = re.split(r"(,\s*)", rest)
    for i, part in enumerate(parts):
        table = written if i < 2 * names else read
        found.append(re.sub(NAME, lambda m, t=table: t.get(m[0], m[0]), part))
    return f"{mnemonic} {''.join(found)}".strip()


NAME = r"(?<![\w.#*])[A-Za-z_]\w*"


def cut(schedule: Schedule) -> tuple[list[str], list[str]]:
    """The pass in two halves."""
    found = instructions(schedule, schedule.order)
    middle = len(found) // 2
    return [x for lines in found[:middle] for x in lines], [x for y in found[middle:] for x in y]


def left_over(schedule: Schedule, whole: bool = False) -> list[str]:
    """What the last pass has left to do. Unless ``whole``, without what no store needs: registers
    and the stack are of no use after it."""
    work = schedule.work
    units = [u for u in schedule.order if work.units[u].early]
    lines = instructions(schedule, units)
    if whole:
        return [line for group in lines for line in group]
    kept: list[list[str]] = []
    needed: set[int] = set()
    for u, group in zip(reversed(units), reversed(lines), strict=True):
        accesses = [
            (access, work.value_of[u, o, a])
            for o, operation in enumerate(work.units[u].operations())
            for a, access in enumerate(operation.accesses)
        ]
        if _stores(work.units[u]) or any(a.mask and value in needed for a, value in accesses):
            needed |= {value for a, value in accesses if a.reads}
            kept.append(group)
    return [line for group in reversed(kept) for line in group]


def _stores(unit: Unit) -> bool:
    """Whether it stores anywhere but on the stack."""
    found = [o.memory for o in unit.operations() if o.memory is not None]
    return any(memory.stores and memory.base != "sp" for memory in found)
