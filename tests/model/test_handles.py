"""Variables of files: handles, several subgraphs, first values, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from fwgen.errors import ModelError
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from tests.tflite_models import ModelBuilder, Tensor

SHAPE = (1, 4)


def resolved(m: ModelBuilder) -> Graph:
    made = [t for t in m.made() if t.dtype != "resource"]
    return resolve(read_model(m.build(outputs=made[-1:]), "kept"))


def value(m: ModelBuilder, data: object = None, zero_point: int = 3, dtype: str = "int8") -> Tensor:
    return m.tensor(SHAPE, dtype, scale=0.1, zero_point=zero_point, data=data)


def summing(m: ModelBuilder, handle: Tensor) -> tuple[Tensor, Tensor]:
    """READ, ADD of a new input, ASSIGN: the old value and the new one."""
    x, old, new = value(m), value(m), value(m)
    m.op("READ_VARIABLE", [handle], [old])
    m.op("ADD", [x, old], [new])
    m.op("ASSIGN_VARIABLE", [handle, new], [])
    return old, new


def test_a_variable_is_read_from_one_tensor_and_assigned_to_another() -> None:
    m = ModelBuilder()
    old, new = summing(m, m.variable("sum"))
    graph = resolve(read_model(m.build(outputs=[new]), "kept"))
    (variable,) = graph.variables
    read, _, assign = graph.ops
    assert (read.inputs, read.outputs) == ((variable.before,), (old.index,))
    assert (assign.inputs, assign.outputs) == ((new.index,), (variable.after,))
    assert graph.tensors[variable.after].source == new.index  # where TFLM has the same value
    assert graph.tensors[variable.before].source is None
    assert np.array_equal(variable.initial, np.full(SHAPE, 3, np.int8))
    assert [op.index for op in graph.ops] == [1, 2, 3]  # as in the file


def test_first_values_are_those_that_a_subgraph_assigns_once() -> None:
    m = ModelBuilder()
    index, first = m.subgraph()
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    _, new = summing(m, m.variable("sum"))
    one = value(first, [1, -2, 3, 100])
    two = value(first, [5, 5, 5, 5])
    both = value(first)
    first.op("MAXIMUM", [one, two], [both])
    first.op("ASSIGN_VARIABLE", [first.variable("sum"), both], [])
    graph = resolve(read_model(m.build(outputs=[new]), "kept"))
    (variable,) = graph.variables
    assert variable.initial.tolist() == [[5, 5, 5, 100]] and graph.once == ()


def test_a_subgraph_that_is_called_once_reads_what_variables_begin_with() -> None:
    m = ModelBuilder()
    index, first = m.subgraph()
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    _, new = summing(m, m.variable("sum"))
    handle = first.variable("sum")
    old, low = value(first), value(first)
    first.op("READ_VARIABLE", [handle], [old])
    first.op("MINIMUM", [old, value(first, [-9, 9, -9, 9])], [low])
    first.op("ASSIGN_VARIABLE", [handle, low], [])
    graph = resolve(read_model(m.build(outputs=[new]), "kept"))
    assert graph.variables[0].initial.tolist() == [[-9, 3, -9, 3]]


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "float32"])
def test_every_byte_begins_as_the_zero_point(dtype: str) -> None:
    m = ModelBuilder()
    handle, zero = m.variable("kept"), 3 if dtype != "float32" else 0
    x, old = value(m, zero_point=zero, dtype=dtype), value(m, zero_point=zero, dtype=dtype)
    m.op("READ_VARIABLE", [handle], [old])
    m.op("ASSIGN_VARIABLE", [handle, x], [])
    graph = read_model(m.build([x], [old]), "kept")
    assert set(graph.variables[0].initial.tobytes()) == {zero}


def test_a_container_that_is_not_there_is_any() -> None:
    m = ModelBuilder()
    kept, other = m.variable("a", "one"), m.variable("a", None)
    x, old = value(m), value(m)
    m.op("ASSIGN_VARIABLE", [kept, x], [])
    m.op("READ_VARIABLE", [other], [old])
    assert len(resolve(read_model(m.build([x], [old]), "kept")).variables) == 1
    m = ModelBuilder()
    kept, other = m.variable("a", "one"), m.variable("a", "two")
    x, old, late = value(m), value(m), value(m)
    m.op("READ_VARIABLE", [other], [old])
    m.op("ASSIGN_VARIABLE", [kept, x], [])
    m.op("ASSIGN_VARIABLE", [other, x], [])
    m.op("READ_VARIABLE", [kept], [late])
    assert len(resolve(read_model(m.build([x], [old, late]), "kept")).variables) == 2


def never_assigned(m: ModelBuilder) -> None:
    m.op("READ_VARIABLE", [m.variable("kept")], [value(m)])


def other_size(m: ModelBuilder) -> None:
    handle = m.variable("kept")
    m.op("ASSIGN_VARIABLE", [handle, value(m)], [])
    m.op("READ_VARIABLE", [handle], [m.tensor((5,), scale=0.1)])


def other_type(m: ModelBuilder) -> None:
    handle = m.variable("kept")
    m.op("ASSIGN_VARIABLE", [handle, value(m)], [])
    m.op("READ_VARIABLE", [handle], [m.tensor(SHAPE, "uint8", scale=0.1)])


def other_size_assigned(m: ModelBuilder) -> None:
    handle = m.variable("kept")
    summing(m, handle)
    m.op("ASSIGN_VARIABLE", [handle, m.tensor((9,), scale=0.1)], [])


def no_name(m: ModelBuilder) -> None:
    m.op("VAR_HANDLE", [], [m.tensor((), "resource")])
    summing(m, m.variable("kept"))


def long_name(m: ModelBuilder) -> None:
    summing(m, m.variable("kept" * 100))


def mixed_containers(m: ModelBuilder) -> None:
    summing(m, m.variable("kept", None))
    m.variable("other", "one")


def handle_as_value(m: ModelBuilder) -> None:
    handle = m.variable("kept")
    summing(m, handle)
    m.op("RESHAPE", [handle], [value(m)])


def value_as_handle(m: ModelBuilder) -> None:
    summing(m, m.variable("kept"))
    m.op("READ_VARIABLE", [value(m)], [value(m)])


def called_late(m: ModelBuilder) -> None:
    index, first = m.subgraph()
    summing(m, m.variable("kept"))
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    first.op("ASSIGN_VARIABLE", [first.variable("kept"), value(first, [1, 2, 3, 4])], [])


def called_after_a_read(m: ModelBuilder, values: object = (1, 2, 3, 4)) -> None:
    index, first = m.subgraph()
    handle, x, old, new = m.variable("kept"), value(m), value(m), value(m)
    m.op("READ_VARIABLE", [handle], [old])
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    m.op("ADD", [x, old], [new])
    m.op("ASSIGN_VARIABLE", [handle, new], [])
    first.op("ASSIGN_VARIABLE", [first.variable("kept"), value(first, values)], [])


def test_a_call_that_assigns_what_is_there_may_come_after_a_read() -> None:
    """As in models whose ops Vela has put in another order."""
    m = ModelBuilder()
    called_after_a_read(m, [3] * 4)
    assert (resolved(m).variables[0].initial == 3).all()


def called_from_itself(m: ModelBuilder) -> None:
    m.op("CALL_ONCE", [], [], init_subgraph_index=0)
    summing(m, m.variable("kept"))


def called_nowhere(m: ModelBuilder) -> None:
    m.op("CALL_ONCE", [], [], init_subgraph_index=7)
    summing(m, m.variable("kept"))


def called_in_turn(m: ModelBuilder) -> None:
    index, first = m.subgraph()
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    summing(m, m.variable("kept"))
    first.op("CALL_ONCE", [], [], init_subgraph_index=index)


def called_with_input(m: ModelBuilder) -> None:
    index, first = m.subgraph()
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    summing(m, m.variable("kept"))
    first.op("ASSIGN_VARIABLE", [first.variable("kept"), value(first)], [])


def unknown_at_build(m: ModelBuilder) -> None:
    index, first = m.subgraph()
    m.op("CALL_ONCE", [], [], init_subgraph_index=index)
    summing(m, m.variable("kept"))
    made = value(first)
    first.op("COS", [value(first, [1, 2, 3, 4])], [made])
    first.op("ASSIGN_VARIABLE", [first.variable("kept"), made], [])


def many_handles(m: ModelBuilder) -> None:
    handle = m.tensor((2,), "resource")
    m.op("VAR_HANDLE", [], [handle], shared_name="kept")
    summing(m, handle)


def handle_of_another_type(m: ModelBuilder) -> None:
    handle = m.tensor((), "int16")
    m.op("VAR_HANDLE", [], [handle], shared_name="kept")
    summing(m, handle)


REFUSED: dict[Callable[[ModelBuilder], None], str] = {
    never_assigned: 'No op assigns anything to the variable "kept"',
    other_size: "READ_VARIABLE of shape [1, 4] (4 elements) to [5]",
    other_type: "READ_VARIABLE supports",
    other_size_assigned: "ASSIGN_VARIABLE of shape [9] (9 elements) to [1, 4]",
    no_name: "gives its variable no name",
    long_name: "has 400 bytes, expected at most 255",
    mixed_containers: "names a container, which handles before it do not",
    handle_as_value: "is the handle of a variable, expected a value",
    value_as_handle: "expected what a VAR_HANDLE of this subgraph makes",
    many_handles: "has shape [2] and element type 13, expected one element of RESOURCE",
    handle_of_another_type: "has shape [] and element type 7, expected one element of RESOURCE",
    called_late: "CALL_ONCE comes after an op that assigns a variable",
    called_after_a_read: "CALL_ONCE comes after an op that reads or assigns a variable",
    called_from_itself: "calls subgraph 0, expected another one",
    called_nowhere: "calls subgraph 7, expected another one",
    called_in_turn: "that is called once calls another one",
    called_with_input: "which has inputs or state of its own",
    unknown_at_build: "COS",
}


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.__name__)
def test_what_tflm_misreads_is_refused_by_name(case: Callable[[ModelBuilder], None]) -> None:
    m = ModelBuilder()
    case(m)
    with pytest.raises(ModelError) as refused:
        resolved(m)
    assert REFUSED[case] in refused.value.what, refused.value.what


def test_an_op_without_an_output_is_refused() -> None:
    """As one is that was to assign a variable, and has become another."""
    m = ModelBuilder()
    summing(m, m.variable("kept"))
    m.op("ADD", [value(m), value(m)], [])
    with pytest.raises(ModelError) as refused:
        resolved(m)
    assert "ADD has no output" in refused.value.what
