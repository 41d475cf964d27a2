"""A .tflite file in which ops of int8 give way to look-ups in tables, by ops that TFLM has.

Each becomes CAST to int32, ADD of 128 and GATHER from 256 values. The tensors that the file had
keep their indices and their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import pack
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.model.alignment import ALIGNMENT
from fwgen.model.element import Element
from fwgen.model.flatbuffer import Flatbuffer, FlatbufferTable
from fwgen.model.front import Front
from fwgen.model.schema import (
    BUILTIN_OPERATORS,
    VERSION,
    BufferField,
    Model,
    OperatorCode,
    OperatorField,
    SubGraph,
    TensorField,
)

Tables = Mapping[int, npt.NDArray[np.generic]]
"""For an op, by the index of its output: what the values from -128 to 127 become."""

_STEPS = ("CAST", "ADD", "GATHER")
_REPLACED = frozenset((Model.VERSION, Model.OPERATOR_CODES, Model.SUBGRAPHS, Model.BUFFERS))
_GROWN = frozenset((SubGraph.TENSORS, SubGraph.OPERATORS))


def with_look_ups(model: bytes, tables: Tables, name: str) -> bytes:
    """A copy of ``model``, called ``name`` in errors, whose main subgraph has the ``tables``.

    Raises ModelError if the file is malformed.
    """
    root = Flatbuffer(model, name).root("model")
    front = Front()
    own, field = front.table({*_REPLACED, *_present(root, Model, _REPLACED)})
    front.lead(0, own)
    front.number(field[Model.VERSION], VERSION)
    for slot in _present(root, Model, _REPLACED):
        _keep(front, field[slot], root, slot)
    codes = _codes(front, field[Model.OPERATOR_CODES], root)
    data: list[npt.NDArray[np.generic]] = [np.array([128], np.int32), *tables.values()]
    first = len(root.tables(Model.BUFFERS))
    _buffers(front, field[Model.BUFFERS], root, data)
    main, *others = root.tables(Model.SUBGRAPHS)
    listed: list[int | None] = [None, *(other.at for other in others)]
    place = front.list(field[Model.SUBGRAPHS], listed, more=0) - 4 * len(listed)
    _subgraph(front, place, main, _Plan(tables, first, codes, len(main.tables(SubGraph.TENSORS))))
    return front.before(model)


def _present(table: FlatbufferTable, slots: Any, without: frozenset[Any]) -> list[Any]:
    """The fields that the file has and the copy keeps."""
    return [s for s in slots if s not in without and table.target(s) is not None]


def _keep(front: Front, at: int, table: FlatbufferTable, slot: int) -> None:
    target = table.target(slot)
    assert target is not None
    front.lead(at, target, behind=True)


def _codes(front: Front, field: int, root: FlatbufferTable) -> tuple[int, ...]:
    """Add the codes of the steps; their numbers."""
    old = [each.at for each in root.tables(Model.OPERATOR_CODES)]
    place = front.list(field, old, more=len(_STEPS))
    for number, step in enumerate(_STEPS):
        slots = {OperatorCode.DEPRECATED_BUILTIN_CODE, OperatorCode.BUILTIN_CODE}
        made = front.element(place + 4 * number, slots)
        for slot in slots:
            front.number(made[slot], BUILTIN_OPERATORS.index(step))
    return tuple(len(old) + number for number in range(len(_STEPS)))


def _buffers(
    front: Front, field: int, root: FlatbufferTable, data: Sequence[npt.NDArray[np.generic]]
) -> None:
    old = [each.at for each in root.tables(Model.BUFFERS)]
    place = front.list(field, old, more=len(data))
    for number, values in enumerate(data):
        made = front.element(place + 4 * number, {BufferField.DATA})
        front.vector(made[BufferField.DATA], values.nbytes, values.tobytes(), ALIGNMENT)


class _Plan:
    """Which numbers the new tensors and buffers have: 128, then three tensors for each table."""

    def __init__(self, tables: Tables, buffer: int, codes: Sequence[int], tensors: int) -> None:
        self.tables, self.buffer, self.codes, self.offset = tables, buffer, codes, tensors
        self.place = {output: tensors + 1 + 3 * n for n, output in enumerate(tables)}


def _subgraph(front: Front, at: int, main: FlatbufferTable, plan: _Plan) -> None:
    kept = _present(main, SubGraph, _GROWN)
    field = front.element(at, {*_GROWN, *kept})
    for slot in kept:
        _keep(front, field[slot], main, slot)
    tensors, ops = main.tables(SubGraph.TENSORS), main.tables(SubGraph.OPERATORS)
    old = [each.at for each in tensors]
    place = front.list(field[SubGraph.TENSORS], old, more=1 + 3 * len(plan.tables))
    _tensor(front, place, (1,), Element.S32, plan.buffer)
    for number, output in enumerate(plan.tables):
        shape = tensors[output].i32_vector(TensorField.SHAPE)
        begin = place + 4 + 12 * number
        _tensor(front, begin, shape, Element.S32, 0)
        _tensor(front, begin + 4, shape, Element.S32, 0)
        _tensor(front, begin + 8, (256,), Element.S8, plan.buffer + 1 + number)
    listed: list[int | None] = []
    steps: list[tuple[int, int, tuple[int, ...], int]] = []
    for op in ops:
        outputs = op.i32_vector(OperatorField.OUTPUTS)
        if not outputs or outputs[0] not in plan.tables:
            listed.append(op.at)
            continue
        cast = plan.place[outputs[0]]
        (x,) = op.i32_vector(OperatorField.INPUTS)
        made = ((x,), cast), ((cast, plan.offset), cast + 1), ((cast + 2, cast + 1), outputs[0])
        for code, (inputs, output) in zip(plan.codes, made, strict=True):
            steps.append((len(listed), code, inputs, output))
            listed.append(None)
    place = front.list(field[SubGraph.OPERATORS], listed, more=0) - 4 * len(listed)
    for number, code, inputs, output in steps:
        _op(front, place + 4 * number, code, inputs, (output,))


def _tensor(front: Front, at: int, shape: Sequence[int], element: Element, buffer: int) -> None:
    made = front.element(at, {TensorField.SHAPE, TensorField.TYPE, TensorField.BUFFER})
    front.number(made[TensorField.TYPE], element.code)
    front.number(made[TensorField.BUFFER], buffer)
    front.vector(made[TensorField.SHAPE], len(shape), pack(f"<{len(shape)}i", *shape))


def _op(front: Front, at: int, code: int, inputs: Sequence[int], outputs: Sequence[int]) -> None:
    made = front.element(
        at, {OperatorField.OPCODE_INDEX, OperatorField.INPUTS, OperatorField.OUTPUTS}
    )
    front.number(made[OperatorField.OPCODE_INDEX], code)
    for slot, indices in ((OperatorField.INPUTS, inputs), (OperatorField.OUTPUTS, outputs)):
        front.vector(made[slot], len(indices), pack(f"<{len(indices)}i", *indices))
