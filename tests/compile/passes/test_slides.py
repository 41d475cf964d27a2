"""Windows that slide become one op in one place, where their ops move nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fwgen.compile.passes import optimize
from fwgen.compile.request import Request
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from fwgen.pipeline import compile_graph
from tests.compile.stepping import HOST
from tests.tflite_models import ModelBuilder, Tensor

ROW = 8


def rows(m: ModelBuilder, count: int) -> Tensor:
    return m.tensor((1, count, 1, ROW), scale=0.1, zero_point=-3)


def sliced(m: ModelBuilder, x: Tensor, first: int, count: int) -> Tensor:
    y = rows(m, count)
    operands = ([0, first, 0, 0], [0, first + count, 0, 0], [1, 1, 1, 1])
    ints = [m.tensor((4,), "int32", data=values) for values in operands]
    m.op("STRIDED_SLICE", [x, *ints], [y], begin_mask=13, end_mask=13)
    return y


def window(
    kept: int = 5, new: int = 2, first: int | None = None, turned: bool = False, again: bool = False
) -> Graph:
    """A model that keeps some rows; the others are how it may differ from a window."""
    m = ModelBuilder()
    x, old, both, y = rows(m, new), rows(m, kept), rows(m, kept + new), rows(m, kept + new)
    handle = m.variable("rows")
    m.op("READ_VARIABLE", [handle], [old])
    m.op("CONCATENATION", [x, old] if turned else [old, x], [both], axis=1)
    m.op("RELU", [both], [y])
    last = sliced(m, both, new if first is None else first, kept)
    m.op("ASSIGN_VARIABLE", [handle, last], [])
    outputs = [y, *([last] if again else [])]
    return resolve(read_model(m.build([x], outputs), "window"))


def dropped_first(kept: int = 5, new: int = 2) -> Graph:
    m = ModelBuilder()
    x, old, both, y = rows(m, new), rows(m, kept), rows(m, kept), rows(m, kept)
    handle = m.variable("rows")
    m.op("READ_VARIABLE", [handle], [old])
    left = sliced(m, old, new, kept - new)
    m.op("CONCATENATION", [left, x], [both], axis=1)
    m.op("RELU", [both], [y])
    m.op("ASSIGN_VARIABLE", [handle, both], [])
    return resolve(read_model(m.build([x], [y]), "window"))


def codes(graph: Graph) -> list[str]:
    return [op.code for op in graph.ops]


@pytest.mark.parametrize(("kept", "new"), [(5, 2), (1, 1), (2, 5)])
def test_rows_that_are_kept_stay_where_they_are(kept: int, new: int) -> None:
    graph = window(kept, new)
    found = optimize(graph, strict=False)
    assert codes(found) == ["SLIDE", "RELU"]
    (variable,) = found.variables
    assert found.ops[0].inputs[0] == variable.before and found.ops[0].outputs == (variable.after,)
    assert found.tensors[variable.after].source == graph.ops[1].outputs[0]  # as TFLM has it
    assert variable.initial.shape == (1, kept + new, 1, ROW)
    assert (variable.initial == -3).all()
    program = compile_graph(graph, Request(HOST))
    assert program.plan.state.bytes >= (kept + new) * ROW
    calls = [function for step in program.steps for _, cs in step.blocks for function, _ in cs]
    assert calls[0] == "fw_slide"


def test_rows_that_are_dropped_first_as_well() -> None:
    found = optimize(dropped_first(), strict=False)
    assert codes(found) == ["SLIDE", "RELU"]
    assert found.variables[0].initial.shape == (1, 5, 1, ROW)


NO_WINDOWS: dict[str, Callable[[], Graph]] = {
    "new rows come first": lambda: window(turned=True),
    "other rows are kept": lambda: window(first=1),
    "the rows are an output": lambda: window(again=True),
    "the oldest rows are kept": lambda: window(first=0),
}


@pytest.mark.parametrize("case", NO_WINDOWS)
def test_what_is_no_window_stays(case: str) -> None:
    graph = NO_WINDOWS[case]()
    assert "SLIDE" not in codes(optimize(graph, strict=False))


def test_first_values_that_differ_are_kept_behind_what_goes_first() -> None:
    graph = window()
    (variable,) = graph.variables
    values = np.arange(40, dtype=np.int8).reshape(variable.initial.shape)
    graph = replace(graph, variables=(replace(variable, initial=values),))
    found = optimize(graph, strict=False).variables[0].initial
    assert np.array_equal(found[:, 2:], values) and found.shape[1] == 7
