"""Changed models: a sound model of one op, wrong in one operand, tensor or option.

The changes know nothing of the operator: the schema says which options there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import tflite

from tests.tflite_models.builder import ENUMS, OPTIONS, ModelBuilder

DTYPES = ("int8", "uint8", "int16", "int32", "int64", "float32", "bool")
FACTORS = (2.0**-46, 2.0**-24, 2.0**-10, 1.0001, 2.0**10, 2.0**24, 2.0**46)
WHOLE = (-1, 0, 1, 2, 3, 4, 5, 1 << 20, 1 << 30)
SIZES = (0, 1, 7, 1 << 14)

Change = Callable[[ModelBuilder], None]


def changes(m: ModelBuilder) -> Iterator[tuple[str, Change]]:
    """Named changes of the one op of a model and of its tensors."""
    (op,) = m._ops
    yield from _operands(m)
    yield from _options(op.code, op.options)
    for index in sorted({*op.inputs, *op.outputs} - {-1}):
        for name, row in _rows(m._rows[index]):
            yield f"tensor {index}: {name}", partial(_set_row, index, row)


def _set_row(index: int, row: Any, m: ModelBuilder) -> None:
    m._rows[index] = row


def changed(make: Callable[[], ModelBuilder]) -> Iterator[tuple[str, bytes]]:
    """Every change of what ``make`` makes, which must be the same each time."""
    m = make()
    rows, tensors, ops = [*m._rows], [*m._tensors], [*m._ops]
    for name, change in changes(make()):
        m._rows[:], m._tensors[:], m._ops[:] = rows, tensors, ops
        change(m)
        try:
            yield name, m.build()
        except TypeError:  # a number that the option's field cannot hold
            continue


def _operands(m: ModelBuilder) -> Iterator[tuple[str, Change]]:
    """One less, one more, an absent one, one without elements, the same again, two outputs."""
    (op,) = m._ops

    def inputs_to(inputs: tuple[int, ...], outputs: tuple[int, ...] = op.outputs) -> Change:
        return lambda m: m._ops.__setitem__(0, replace(op, inputs=inputs, outputs=outputs))

    def without_elements(position: int) -> Change:
        def change(m: ModelBuilder) -> None:
            empty = m.tensor((0,), "int32", data=())
            m.tensor((1,), scale=1.0)  # so that the model has an input in any case
            inputs = (*op.inputs[:position], empty.index, *op.inputs[position + 1 :])
            inputs_to(inputs)(m)

        return change

    def second_output(m: ModelBuilder) -> None:
        inputs_to(op.inputs, (*op.outputs, m.tensor((1,), scale=1.0).index))(m)

    yield "no operand", inputs_to(())
    yield "an operand less", inputs_to(op.inputs[:-1])
    yield "an operand more", inputs_to((*op.inputs, op.inputs[0]))
    yield "twelve operands", inputs_to((op.inputs[0],) * 12)
    yield "operands in reverse", inputs_to(op.inputs[::-1])
    yield "two outputs", second_output
    for position in range(len(op.inputs)):
        absent = (*op.inputs[:position], -1, *op.inputs[position + 1 :])
        yield f"operand {position} absent", inputs_to(absent)
        yield f"operand {position} without elements", without_elements(position)


def _options(code: str, given: dict[str, object]) -> Iterator[tuple[str, Change]]:
    """Every field of the op's table in the schema set to numbers that it may not have."""

    def option_to(name: str, value: object) -> Change:
        def change(m: ModelBuilder) -> None:
            m._ops[0] = replace(m._ops[0], options={**given, name: value})

        return change

    kind = OPTIONS.get(code)
    if kind is None:
        return
    fields = [name for name in dir(tflite) if name.startswith(f"{kind}Add")]
    for field in fields:
        word = field.removeprefix(f"{kind}Add")
        name = "".join("_" * c.isupper() + c.lower() for c in word).removeprefix("_")
        if hasattr(tflite, f"{kind}Start{word}Vector"):
            values: tuple[object, ...] = ((), (0,), (1,), (-1,), (99,), (0, 1), (-99,))
        elif ENUMS.get(name) is tflite.TensorType:
            values = tuple(sorted(set(vars(tflite.TensorType).values()) & set(range(32))))
        elif isinstance(given.get(name), float):
            values = (*WHOLE, float("nan"), 1e-30, 1e30)
        else:
            values = WHOLE
        for value in values:
            yield f"{name} {value}", option_to(name, value)


def _rows(row: Any) -> Iterator[tuple[str, Any]]:
    """One tensor with another element type, quantization, shape or without its data."""
    values = None
    if row.data is not None:
        values = np.frombuffer(row.data, row.dtype).reshape(row.shape)
        yield "no constant", replace(row, data=None)
        for value in (-100, -1, 0, 1, 100):
            moved = np.full(row.shape, value).astype(row.dtype)
            yield f"all {value}", replace(row, data=moved.tobytes())
    for dtype in DTYPES:
        if dtype != row.dtype:
            data = None if values is None else values.astype(dtype).tobytes()
            yield f"{dtype}", replace(row, dtype=dtype, data=data)
    yield from _quantizations(row)
    for name, shape in _shapes(row.shape):
        data = None if values is None else np.resize(values, shape).tobytes()
        yield name, replace(row, shape=shape, data=data)


def _quantizations(row: Any) -> Iterator[tuple[str, Any]]:
    none = np.array([], np.float32), np.array([], np.int64)
    if row.scales.size:
        yield "not quantized", replace(row, scales=none[0], zero_points=none[1])
    for factor in FACTORS if row.scales.size else ():
        yield f"scale times {factor}", replace(row, scales=row.scales * np.float32(factor))
    for point in (-128, -1, 0, 3, 127) if row.scales.size else ():
        yield f"zero point {point}", replace(row, zero_points=np.full_like(row.zero_points, point))
    if row.scales.size:
        tiny = np.full_like(row.scales, 1e-40)
        yield "subnormal scale", replace(row, scales=tiny)
    for axis, size in enumerate(row.shape):
        if size > 1:
            scales = np.linspace(0.1, 0.2, size).astype(np.float32)
            points = np.zeros(size, np.int64)
            quant = {"scales": scales, "zero_points": points, "axis": axis}
            yield f"a scale for each of axis {axis}", replace(row, **quant)


def _shapes(shape: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "a dimension more", (1, *shape)
    yield "nine dimensions", (*shape, *(1,) * (9 - len(shape)))
    yield "seven dimensions", (*(1,) * (7 - len(shape)), *shape)
    if shape:
        yield "a dimension less", shape[1:]
        yield "no dimension", ()
        yield "reversed", shape[::-1]
        yield "flat", (int(np.prod(shape)),)
    for axis in range(len(shape)):
        longer = (*shape[:axis], shape[axis] + 1, *shape[axis + 1 :])
        yield f"one more along {axis}", longer
