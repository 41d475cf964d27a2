"""Cases of which the instructions are counted: one of each row, and one of each kernel it has more.

The table says how each is made, so that the case stays the same while generators come and go:
of ``reference_layers`` or of a generator of the row, and with which seed.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

from tests.kernels.arena import Run
from tests.kernels.graph_builder import values_for
from tests.kernels.kernel_rows import Function, Row, Way, rows, ways
from tests.kernels.machines import CORES, execute
from tests.kernels.reference_layers import LAYERS
from tests.kernels.row_cases import Drawn, Generator, RowCase, drawn_by, generators_of

TABLE = Path(__file__).with_name("instruction_counts.toml")
RECORD = "tools/instruction_counts.py"

SEEDS = 8
"""Of each generator, among which the case with the most cycles is taken."""

MORE_SEEDS = 400
"""Of each generator, if none of those is one; the first is taken."""

MOST_CYCLES = 4e6
"""Estimated cycles of a case up to which it is taken."""

ROWS = {row.id: row for row in rows() if row.cpu is not None}
"""Rows in assembly; plain C is what a compiler makes of it."""


@dataclass(frozen=True)
class Count:
    """The instructions of a case of a row; ``op`` is a digest of what is drawn."""

    row: str
    generator: str
    seed: int
    op: str
    instructions: int


@dataclass(frozen=True)
class Subject:
    """What is counted: a row by its fastest way, or a kernel by a way of one of some rows."""

    rows: tuple[Row, ...]
    kernel: str | None = None

    @property
    def key(self) -> str:
        return self.kernel or self.rows[0].id


@dataclass(frozen=True, eq=False)
class Counted:
    """A subject with its case, and the way in which it is called."""

    subject: Subject
    row: Row
    generator: str
    seed: int
    case: RowCase
    way: Way

    @property
    def op(self) -> str:
        return digest(self.case)


def compiler() -> str:
    """The compiler on whose C the counts depend, with its version."""
    command = ["arm-none-eabi-gcc", "-dumpfullversion"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return f"arm-none-eabi-gcc {done.stdout.strip()}"


def table() -> tuple[str, dict[str, Count]]:
    """The compiler of the counts that are recorded, and these by key."""
    read = tomllib.loads(TABLE.read_text()) if TABLE.is_file() else {"compiler": "", "count": {}}
    return read["compiler"], {key: Count(**values) for key, values in read["count"].items()}


def name_of(generator: Generator) -> str:
    """A generator's name with its arguments."""
    if not isinstance(generator, partial):
        return _word(generator)
    named = (f"{key}={_word(value)}" for key, value in generator.keywords.items())
    return f"{_word(generator.func)}({', '.join([*map(_word, generator.args), *named])})"


def _word(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_word, value))})"
    return str(getattr(value, "__name__", None) or getattr(value, "word", None) or value)


@cache
def generators(row: Row) -> Mapping[str, Generator]:
    """All of a row by name, those of reference layers first."""
    found: dict[str, Generator] = {}
    for generator in (*LAYERS.get(row.operator, ()), *generators_of(row)):
        found.setdefault(name_of(generator), generator)
    return found


def case_of(row: Row, generator: str, seed: int) -> RowCase | None:
    """The case of a generator; None if it has none that the row holds for."""
    rng = np.random.default_rng(seed)
    drawn: Drawn | None = drawn_by(generators(row)[generator], rng)
    if drawn is None or not row.holds(drawn.graph):
        return None
    return RowCase(drawn, values_for(drawn.graph, rng), ways(row, drawn.graph))


def digest(case: RowCase) -> str:
    """Of the op, its tensors and constants."""
    hashed = hashlib.sha256()
    for tensor in case.graph.tensors:
        hashed.update(f"{tensor.shape} {tensor.dtype} {tensor.quant}".encode())
        hashed.update(b"" if tensor.data is None else tensor.constant.tobytes())
    for op in case.graph.ops:
        hashed.update(re.sub(r" at 0x\w+", "", f"{op.code} {op.options}").encode())
    return hashed.hexdigest()[:12]


def kernels_of(way: Way) -> set[str]:
    """All that a way calls, or passes on to be called."""
    passed = (arg.name for call in way.calls for arg in call.args if isinstance(arg, Function))
    called = (call.function for call in way.calls)
    return {name.removeprefix("fw_") for name in (*called, *passed)}


def way_of(case: RowCase, subject: Subject) -> Way | None:
    """The first way of a case, the fastest; of a kernel the first that calls it."""
    if subject.kernel is None:
        return case.ways[0]
    return next((way for way in case.ways if subject.kernel in kernels_of(way)), None)


def subjects() -> list[Subject]:
    """All that there are: rows, and kernels that they call under other names than their own."""
    found = [Subject((row,)) for row in ROWS.values()]
    callers: dict[str, list[Row]] = {}
    for row in ROWS.values():
        for kernel in row.kernel.c_files:
            callers.setdefault(kernel, []).append(row)
    names = {row.name for row in ROWS.values()}
    found += [Subject(tuple(some), k) for k, some in callers.items() if k not in names]
    return found


def counted(subject: Subject, row: Row, generator: str, seed: int) -> Counted | None:
    case = case_of(row, generator, seed)
    way = None if case is None else way_of(case, subject)
    if case is None or way is None:
        return None
    return Counted(subject, row, generator, seed, case, way)


def recorded(subject: Subject, count: Count) -> Counted | None:
    """What was counted; None if it is another op now, or none."""
    row = next((row for row in subject.rows if row.id == count.row), None)
    if row is None or count.generator not in generators(row):
        return None
    found = counted(subject, row, count.generator, count.seed)
    return found if found is not None and found.op == count.op else None


def largest(subject: Subject) -> Counted | None:
    """The case with the most estimated cycles, of reference layers if one of them suits."""
    layers = {row: len(LAYERS.get(row.operator, ())) for row in subject.rows}
    own = [(r, name) for r in subject.rows for name in list(generators(r))[: layers[r]]]
    drawn = [(r, name) for r in subject.rows for name in list(generators(r))[layers[r] :]]
    for some, seeds in ((own, 1), (drawn, SEEDS)):
        cases = (counted(subject, *one, seed) for one in some for seed in range(seeds))
        found = [case for case in cases if case is not None and case.way.cycles < MOST_CYCLES]
        if found:
            return max(found, key=lambda case: case.way.cycles)
    more = (counted(subject, *one, s) for s in range(SEEDS, MORE_SEEDS) for one in drawn)
    return next((case for case in more if case is not None), None)


def instructions(cases: Sequence[Counted]) -> dict[str, int]:
    """By key, each compiled for the core of its row."""
    found: dict[str, int] = {}
    for cpu in sorted({case.row.cpu or "" for case in cases}):
        some = [case for case in cases if case.row.cpu == cpu]
        runs = [Run(one.case.graph, one.case.inputs, (one.way,)) for one in some]
        outcomes = execute(runs, CORES[cpu][0], traced=False)
        for one, outcome in zip(some, outcomes, strict=True):
            assert outcome.fault is None, f"{one.subject.key}: {outcome.fault}"
            found[one.subject.key] = outcome.instructions
    return found


def lines(compiler: str, counts: Iterable[tuple[str, Count]]) -> Iterator[str]:
    """The table as text."""
    yield f"# Instructions of kernels' cases, written by {RECORD}; a test allows 3 %."
    yield f'compiler = "{compiler}"'
    yield ""
    yield "[count]"
    for key, count in sorted(counts):
        made = f'row = "{count.row}", generator = "{count.generator}", seed = {count.seed}'
        values = f'{made}, op = "{count.op}", instructions = {count.instructions}'
        yield f'"{key}" = {{ {values} }}'
