"""The rows of the registry, and all that these tests ask of the contract of kernels.

The other modules here know rows, ways and plain calls, nothing of ``Kernel`` and ``Form``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from fwgen.board import load_board
from fwgen.contract.call import (
    Arg,
    Call,
    Calls,
    Constant,
    Each,
    Function,
    Null,
    Params,
    Ref,
    Repeat,
    Scratch,
    each_call,
)
from fwgen.contract.kernel import Form, Kernel
from fwgen.contract.node import Node
from fwgen.kernels import c_files, kernels_of
from fwgen.kernels.cmsis_nn.cores import Core
from fwgen.kernels.core_cycles import forms_on
from fwgen.kernels.providers import offers
from fwgen.model.element import Element
from fwgen.model.graph import ABSENT, Graph, Op
from fwgen.ops import operators
from tests.tflite_models.cases import OPERATORS, cases_of

__all__ = ["Arg", "Constant", "Function", "Null", "Params", "Ref", "Scratch"]

ROOT = Path(__file__).parents[2]

FEED = "feed_rows"
"""The harness' own function: rows of a fed input come into scratch memory."""


LEAST_CPU = {
    "mve": "cortex-m55",
    "dual_issue": "cortex-m7",
    "dsp": "cortex-m4",
    "v7m": "cortex-m3",
    "v6m": "cortex-m0",
}
"""The first of these features that a row needs tells for which core its C is compiled."""


@dataclass(frozen=True)
class Row:
    """A row of the registry."""

    operator: str
    kernel: Kernel

    @property
    def id(self) -> str:
        return f"{self.operator}-{self.name}"

    @property
    def name(self) -> str:
        return self.kernel.name

    @property
    def provider(self) -> str:
        return self.kernel.provider

    @property
    def is_reference(self) -> bool:
        return self.provider == "reference"

    @property
    def of_library(self) -> bool:
        """Whether its C calls a library that is not part of fwgen."""
        return self.provider == "cmsis-nn"

    @property
    def features(self) -> tuple[frozenset[str], frozenset[str]]:
        """CPU features that it needs, and those with which it is not offered."""
        return self.kernel.needs, self.kernel.lacks

    @property
    def first_types(self) -> tuple[str | None, ...]:
        """What its cases are appended to may consist of, None for what these draw."""
        place = cases_of(self.operator).place if self.operator in OPERATORS else 0
        defined = {types[place] for types in operators()[self.operator].types}
        first = [types[place] for types in self.kernel.types if types[place] in defined]
        return tuple(dict.fromkeys(None if one is None else one.word for one in first))

    @property
    def core(self) -> Core:
        """The class of core that a library's row is for."""
        (core,) = (c for c in Core if c.value[:2] == self.features)
        return core

    @property
    def cpu(self) -> str | None:
        """The least core that it is for, as the compiler calls it; None for plain C."""
        found = (cpu for feature, cpu in LEAST_CPU.items() if feature in self.kernel.needs)
        return None if self.of_library else next(found, None)

    def holds(self, graph: Graph) -> bool:
        """Whether it is offered for the graph's op; says no for graphs of another op."""
        op = first_op(graph)
        return op.code == self.operator and offers(self.kernel, Node(graph, op))


@cache
def rows() -> tuple[Row, ...]:
    """Every row of every operator, but for those that call no kernel of the core: the NPU's."""
    return tuple(row for row in every_row() if not row.operator.startswith("CUSTOM"))


def every_row() -> list[Row]:
    """Those, and what is left to the tests of the NPU."""
    return [Row(code, kernel) for code in operators() for kernel in kernels_of(code)]


def reference_of(graph: Graph) -> Row:
    """The one row in plain C that the graph's op has."""
    (row,) = (r for r in rows() if r.is_reference and r.holds(graph))
    return row


def first_op(graph: Graph) -> Op:
    return graph.ops[0]


def folded(graph: Graph, values: Sequence[np.ndarray]) -> bytes | None:
    """The op's outputs as NumPy computes them for constants; None where the operator does not."""
    op, inputs = first_op(graph), dict(zip(graph.inputs, values, strict=True))
    operator = operators()[op.code]
    if operator.fold is None or ABSENT in op.inputs:
        return None
    operands = [inputs[t] if t in inputs else graph.tensors[t].constant for t in op.inputs]
    made = dict(zip(op.outputs, operator.evaluate(Node(graph, op), operands), strict=True))
    return b"".join(made[t].tobytes() for t in graph.outputs)


@dataclass(frozen=True, eq=False)
class Way:
    """One way in which a row may be called, with what it promises.

    ``kind`` is "forwards", "backwards" or "fed"; ``number`` that of the form, the fastest is 0.
    ``claims`` are (place of an input, bytes): forwards the least by which the output begins before
    the input, backwards the least by which it ends after it; in multiples of ``grain``.
    """

    kind: str
    number: int
    calls: tuple[Call, ...]
    cycles: float
    scratch_bytes: int
    over_bytes: int
    grain: int
    claims: tuple[tuple[int, int], ...]


FEATURES = load_board("corstone-300").cpu.features
"""Of the core whose cycles plain C is said to take: it executes all."""

KNOWN = {
    "calls",
    "cycles",
    "scratch_bytes",
    "overlap",
    "reversed",
    "reads_past_bytes",
    "row_feed",
    "pinned_scratch_at",  # of the NPU's rows alone
    "reads",  # a cost of slow memory: tests.compile.test_traffic looks at it
    "larger_weights",  # what a choice says of its flash: tests.compile.test_larger_weights
}
"""Members of ``Form`` that ``ways`` looks at."""


def unknown_members() -> set[str]:
    """What a form has that no test here looks at."""
    return {field.name for field in fields(Form)} - KNOWN


def ways(row: Row, graph: Graph) -> list[Way]:
    """Every way in which the row may be called for the graph's op."""
    op = first_op(graph)
    found: list[Way] = []
    for number, form in enumerate(forms_on(FEATURES, row.kernel, Node(graph, op))):
        places = [p for p in range(len(op.inputs)) if _moves(graph, op, p)]
        same = (form.cycles, form.scratch_bytes, form.reads_past_bytes, form.step_bytes)

        def claims(at: object, places: list[int] = places) -> tuple[tuple[int, int], ...]:
            return tuple((p, d) for p in places if (d := at(p)) is not None)  # type: ignore[operator]

        if form.row_feed is not None:
            found.append(Way("fed", number, tuple(_fed(graph, op, form)), *same, ()))
            continue
        calls = tuple(unrolled(form.calls))
        found.append(Way("forwards", number, calls, *same, claims(form.forwards_at)))
        if form.reversed is not None:
            calls = tuple(unrolled(form.reversed.calls))
            found.append(Way("backwards", number, calls, *same, claims(form.backwards_at)))
    return found


def _moves(graph: Graph, op: Op, place: int) -> bool:
    tensor = graph.operand(op, place)
    return tensor is not None and tensor.data is None


def unrolled(calls: Calls) -> Iterator[Call]:
    """Calls one by one, with numbers in the place of ``Each``."""
    for one in calls:
        for i in range(one.times if isinstance(one, Repeat) else 1):
            for call in each_call((one,)):
                yield replace(call, args=tuple(_at(arg, i) for arg in call.args))


def _at(arg: Arg, i: int) -> Arg:
    if isinstance(arg, Each):
        return arg.first + i * arg.step
    if isinstance(arg, Ref | Scratch) and isinstance(arg.at, Each):
        return replace(arg, at=arg.at.first + i * arg.at.step)
    return arg


def _fed(graph: Graph, op: Op, form: Form) -> Iterator[Call]:
    """Calls of a fed op, its rows copied before each band as generated code does."""
    feed = form.row_feed
    assert feed is not None
    bands = [(same, i) for same in feed.bands for i in range(same.times)]
    total, at, band = graph.input(op).shape[1], 0, 0
    for row in range(total):
        if band == len(bands):
            return
        to = feed.at + (at + row % feed.band_rows) * feed.row_bytes
        source = Ref(op.inputs[0], row * feed.row_bytes)
        yield Call(f"fw_{FEED}", (source, Scratch(to, Element.S8), feed.row_bytes))
        if row % feed.band_rows == feed.band_rows - 1 or row == total - 1:
            same, i = bands[band]
            for call in same.calls:
                yield replace(call, args=tuple(_at(arg, i) for arg in call.args))
            at, band = same.row, band + 1


@cache
def kernel_files(cpu: str = "") -> Mapping[str, Path]:
    """The C file of each kernel by its name, which is its public function's less ``fw_``."""
    files = c_files.kernel_files(cpu).values()
    return MappingProxyType({path.stem: path for path in files if path.suffix == ".c"})


@cache
def in_order_for(cpu: str) -> frozenset[str]:
    """The kernels whose instructions are in another order on a core: themselves or a header."""
    files = c_files.kernel_files(cpu)
    own = {name for name, path in files.items() if path.parent.name == cpu}

    def reaches(name: str) -> bool:
        includes = re.findall(r'#include "([^"]+)"', files[name].read_text())
        return name in own or any(reaches(each) for each in includes if each in files)

    return frozenset(name for name in kernel_files(cpu) if reaches(f"{name}.c"))


def header_folders() -> tuple[Path, ...]:
    """Folders with headers of kernels."""
    return c_files.kernel_folders()


def memory_functions() -> Path:
    """memcpy and its like, as firmware has them."""
    return ROOT / "templates" / "platform" / "cortex_m" / "memory.c"


def c_type(data: np.ndarray) -> str:
    """The C type of an array's elements."""
    return Element.of(data.dtype).c
