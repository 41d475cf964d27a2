"""A schedule of a pass: the order of its units and the registers of its values, by ``search.c``."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from fwgen.host.native import shared_library
from schedule_kernels.passes import OPAQUE, Pass, Value, moved
from schedule_kernels.pipeline import Pipeline

COUNTED = 2
"""Passes whose cycles ``search.c`` counts."""

HEAT = 6000
"""What the search allows in the beginning, in 1/1024 cycles of the counted passes."""

_NONE = -1
_REACH = {"vldrw": (-508, 508), "vldrb": (-127, 127), "vldrh": (-254, 254), "ldrd": (-1020, 1020)}
_FAR = (-255, 4095)
_MOST_UNITS = _MOST_VALUES = 512
_ARRAYS = (
    *("unit_at", "uses_at", "uses", "use_cycles", "set", "set_cycles", "set_units"),
    *("alone", "latency"),
    *("reads_at", "reads", "read_kinds", "writes_at", "writes", "write_kinds", "distances"),
    *("before_at", "before", "after_at", "after", "registers", "preferred", "carried"),
    *("touches_at", "touches", "early", "grouped"),
    *("access_at", "access_pointer", "access_offset", "access_low", "access_high"),
    *("move_pointer", "move_bytes", "move_opaque"),
)


class _Problem(ctypes.Structure):
    _fields_ = [
        *(
            (n, ctypes.c_int32)
            for n in ("units", "instructions", "values", "kinds", "width", "sets")
        ),
        *((name, ctypes.c_void_p) for name in _ARRAYS),
    ]


class NoScheduleError(Exception):
    """No order was found whose values have registers and whose accesses are in reach."""


@dataclass(frozen=True)
class Schedule:
    """``order`` of the units of ``work``, ``registers`` by value, ``cycles`` of a pass."""

    work: Pass
    order: tuple[int, ...]
    registers: dict[int, str]
    cycles: float


class Problem:
    """A pass for a pipeline, in the arrays that ``search.c`` wants."""

    def __init__(self, work: Pass, pipeline: Pipeline) -> None:
        self.work, self._pipeline = work, pipeline
        self.names = [r for kind in "vce" for r in work.pools.get(kind, [])]
        self._arrays: dict[str, list[int]] = {name: [] for name in _ARRAYS}
        self._places: dict[str, int] = {}
        self._add_instructions()
        self._add_dependences()
        self._add_values()
        self._add_pointers()
        self._kept = {n: (ctypes.c_int32 * max(1, len(v)))(*v) for n, v in self._arrays.items()}
        self._c = _Problem(
            *(len(work.units), len(self._arrays["alone"]), len(work.values), len(self._places)),
            *(pipeline.width, len(self._arrays["set_units"])),
            *(ctypes.cast(self._kept[name], ctypes.c_void_p) for name in _ARRAYS),
        )

    def search(self, tries: int, seed: int) -> Schedule:
        """The best of ``tries`` orders. Raises NoScheduleError."""
        order = (ctypes.c_int32 * len(self.work.units))(*range(len(self.work.units)))
        given = (ctypes.c_int32 * max(1, len(self.work.values)))()
        cost = _library().fw_search(ctypes.byref(self._c), order, given, tries, HEAT, seed)
        cycles = _library().fw_cycles(ctypes.byref(self._c), order, given)
        if cost != cycles:
            raise NoScheduleError(
                f"no order found with registers for all values: {(cost - cycles) / COUNTED:.0f} "
                "cycles of penalties are left; try more tries, another seed, or fewer values"
            )
        names = {v: self.names[r] for v, r in enumerate(given) if r != _NONE}
        return Schedule(self.work, tuple(order), names, cycles / COUNTED)

    def _add_instructions(self) -> None:
        a, work = self._arrays, self.work
        kinds = {form: i for i, form in enumerate(self._pipeline.distances)}
        units = {name: i for i, name in enumerate(self._pipeline.units)}
        sets = sorted({t.any_of for t in self._pipeline.timings.values() if t.any_of})
        a["set_units"] = [sum(1 << units[u] for u in chosen) for chosen in sets]
        for u, unit in enumerate(work.units):
            a["unit_at"].append(len(a["alone"]))
            operations = list(unit.operations())
            counted = [i.counted for i in unit.items if i.operation is not None]
            for o, operation in enumerate(operations):
                if not counted[o]:
                    continue
                timing = self._pipeline.timings.get(operation.form)
                if timing is None:
                    raise NoScheduleError(
                        f"{self._pipeline.core}.json has no cycles of {operation.form!r}; ask "
                        f"llvm-mca with tools/schedule --measure {self._pipeline.core}"
                    )
                a["alone"].append(timing.alone)
                a["latency"].append(timing.latency)
                a["uses_at"].append(len(a["uses"]))
                a["uses"] += [units[u] for u in timing.units]
                a["use_cycles"] += timing.units.values()
                a["set"].append(sets.index(timing.any_of) if timing.any_of else _NONE)
                a["set_cycles"].append(timing.any_cycles)
                a["reads_at"].append(len(a["reads"]))
                a["writes_at"].append(len(a["writes"]))
                for i, access in enumerate(operation.accesses):
                    place, value = f"{operation.form}/{i}", work.value_of[u, o, i]
                    if access.reads:
                        a["reads"].append(value)
                        a["read_kinds"].append(self._places.setdefault(place, len(self._places)))
                    if access.mask and place in kinds:
                        a["writes"].append(value)
                        a["write_kinds"].append(kinds[place])
        a["unit_at"].append(len(a["alone"]))
        for name in ("uses", "reads", "writes"):
            a[f"{name}_at"].append(len(a[name]))
        a["distances"] = [
            self._pipeline.distance(w, r) for w in self._pipeline.distances for r in self._places
        ]

    def _add_dependences(self) -> None:
        a, count = self._arrays, len(self.work.units)
        before: list[set[int]] = [set() for _ in range(count)]
        after: list[set[int]] = [set() for _ in range(count)]
        for first, second in self.work.before:
            before[second].add(first)
            after[first].add(second)
        _append(a["before_at"], a["before"], map(sorted, before))
        _append(a["after_at"], a["after"], map(sorted, after))
        a["grouped"] = [len(unit.items) > 1 for unit in self.work.units]

    def _add_values(self) -> None:
        a, work = self._arrays, self.work
        for value in work.values:
            a["registers"].append(self._mask(value))
            a["preferred"].append(sum(1 << self.names.index(r) for r in work.pools.get("c", ())))
            a["carried"].append(work.carried(value))
        touches = [sorted({u for u, _, _ in value.touches}) for value in work.values]
        _append(a["touches_at"], a["touches"], touches)
        a["early"] = [work.units[u].early for units in touches for u in units]
        if max(len(work.units), len(work.values)) > _MOST_UNITS:
            raise NoScheduleError(f"more than {_MOST_UNITS} operations or values")

    def _mask(self, value: Value) -> int:
        if value.register or value.kind == "f":
            return 0
        kinds = "ce" if value.kind == "c" else value.kind
        found = [r for kind in kinds for r in self.work.pools.get(kind, ())]
        if not found:
            raise NoScheduleError(f"{value.name}: no pool of registers of its kind")
        return sum(1 << self.names.index(r) for r in found)

    def _add_pointers(self) -> None:
        a, pointers = self._arrays, self.work.pointers
        for unit in self.work.units:
            a["access_at"].append(len(a["access_pointer"]))
            for operation in unit.operations():
                memory = operation.memory
                if memory and memory.base in pointers and not memory.moves and len(unit.items) == 1:
                    low, high = _REACH.get(operation.mnemonic.partition(".")[0], _FAR)
                    a["access_pointer"].append(pointers.index(memory.base))
                    a["access_offset"].append(int(memory.offset or 0))
                    a["access_low"].append(low)
                    a["access_high"].append(high)
            moves = [(i, m) for i, p in enumerate(pointers) if (m := moved(unit, p)) is not None]
            pointer, by = moves[0] if moves else (_NONE, 0)
            a["move_pointer"].append(pointer)
            a["move_opaque"].append(by == OPAQUE)
            a["move_bytes"].append(0 if by == OPAQUE else int(by))
        a["access_at"].append(len(a["access_pointer"]))


def _append(at: list[int], flat: list[int], rows: Iterable[Sequence[int]]) -> None:
    for row in rows:
        at.append(len(flat))
        flat += row
    at.append(len(flat))


@cache
def _library() -> ctypes.CDLL:
    """The search, compiled for this machine."""
    with TemporaryDirectory() as scratch:
        source = Path(__file__).resolve().parent / "search.c"
        return ctypes.CDLL(str(shared_library(source, Path(scratch))))
