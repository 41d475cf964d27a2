"""A small model as a tree of flatbuffer tables, any field of which a test may spoil; its writer.

In a tree, a table is a dict from field id to value, a vector of tables a list of them, a string or
data ``bytes``. A node that stands in several places is written once and shared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
import pytest
from flatbuffers import number_types

from fwgen.errors import ModelError
from fwgen.model.check import check
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.model.schema import (
    BufferField,
    Model,
    OperatorCode,
    OperatorField,
    QuantizationParameters,
    SubGraph,
    TensorField,
)

Node = dict[int, Any]

_FLAGS = {
    "b": number_types.Int8Flags,
    "B": number_types.Uint8Flags,
    "i": number_types.Int32Flags,
    "I": number_types.Uint32Flags,
    "f": number_types.Float32Flags,
    "Q": number_types.Uint64Flags,
}

FLOAT32, INT32, INT8 = 0, 2, 9
CONV_2D, SOFTMAX = 3, 25
CONV_2D_OPTIONS, SOFTMAX_OPTIONS = 1, 9


@dataclass(frozen=True)
class Number:
    """A scalar field; ``format`` is its ``struct`` character."""

    format: str
    value: float


@dataclass(frozen=True)
class Numbers:
    """A vector of numbers."""

    format: str
    values: tuple[float, ...]


def numbers(format: str, *values: float) -> Numbers:
    return Numbers(format, values)


def write(root: Node, identifier: bytes = b"TFL3") -> bytes:
    """The flatbuffer of ``root``."""
    fb = flatbuffers.Builder(1024)
    fb.Finish(_place(fb, root, {}), identifier)
    return bytes(fb.Output())


def _place(fb: flatbuffers.Builder, value: Any, placed: dict[int, int]) -> int:
    """Write a value that others point to, unless it is there already; returns its place."""
    if id(value) not in placed:
        if isinstance(value, dict):
            offset = _place_table(fb, value, placed)
        elif isinstance(value, bytes):
            offset = fb.CreateString(value)
        elif isinstance(value, Numbers):
            offset = fb.CreateNumpyVector(np.array(value.values, value.format))
        else:
            children = [_place(fb, child, placed) for child in reversed(value)]
            fb.StartVector(4, len(children), 4)
            for child in children:
                fb.PrependUOffsetTRelative(child)
            offset = fb.EndVector()
        placed[id(value)] = offset
    return placed[id(value)]


def _place_table(fb: flatbuffers.Builder, table: Node, placed: dict[int, int]) -> int:
    places = {
        slot: None if isinstance(value, Number) else _place(fb, value, placed)
        for slot, value in table.items()
    }
    fb.StartObject(max(table, default=-1) + 1)
    for slot, value in table.items():
        if isinstance(value, Number):
            fb.Prepend(_FLAGS[value.format], value.value)
        else:
            fb.PrependUOffsetTRelative(places[slot])
        fb.Slot(slot)
    return int(fb.EndObject())


def quantization(scales: tuple[float, ...], zero_points: tuple[int, ...], axis: int = 0) -> Node:
    return {
        QuantizationParameters.SCALE: Numbers("f", scales),
        QuantizationParameters.ZERO_POINT: Numbers("q", zero_points),
        QuantizationParameters.QUANTIZED_DIMENSION: Number("i", axis),
    }


def tensor(
    name: bytes, shape: tuple[int, ...], dtype: int, quant: Node | None, buffer: int = 0
) -> Node:
    table = {
        TensorField.SHAPE: Numbers("i", shape),
        TensorField.TYPE: Number("b", dtype),
        TensorField.BUFFER: Number("I", buffer),
        TensorField.NAME: name,
    }
    if quant is not None:
        table[TensorField.QUANTIZATION] = quant
    return table


def op(
    code: int,
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
    options_type: int = 0,
    options: Node | None = None,
) -> Node:
    """An op; ``code`` indexes the model's operator codes."""
    table = {
        OperatorField.OPCODE_INDEX: Number("I", code),
        OperatorField.INPUTS: Numbers("i", inputs),
        OperatorField.OUTPUTS: Numbers("i", outputs),
        OperatorField.BUILTIN_OPTIONS_TYPE: Number("B", options_type),
    }
    if options is not None:
        table[OperatorField.BUILTIN_OPTIONS] = options
    return table


def operator_code(number: int) -> Node:
    return {
        OperatorCode.DEPRECATED_BUILTIN_CODE: Number("b", min(number, 127)),
        OperatorCode.BUILTIN_CODE: Number("i", number),
    }


def small_model() -> Node:
    """CONV_2D of a 4x4 image with two 3x3 filters, then SOFTMAX, as a new tree."""
    rng = np.random.default_rng(1)
    weights = rng.integers(-127, 128, 18, dtype=np.int8).tobytes()
    bias = rng.integers(-999, 999, 2, dtype=np.int32).tobytes()
    conv_options = {0: Number("b", 1), 1: Number("i", 1), 2: Number("i", 1)}
    return {
        Model.VERSION: Number("I", 3),
        Model.OPERATOR_CODES: [operator_code(CONV_2D), operator_code(SOFTMAX)],
        Model.SUBGRAPHS: [
            {
                SubGraph.TENSORS: [
                    tensor(b"image", (1, 4, 4, 1), INT8, quantization((0.5,), (-3,))),
                    tensor(b"filter", (2, 3, 3, 1), INT8, quantization((0.25, 2.0), (0, 0)), 1),
                    tensor(b"bias", (2,), INT32, quantization((0.125, 1.0), (0, 0)), 2),
                    tensor(b"sum", (1, 2, 2, 2), INT8, quantization((0.75,), (7,))),
                    tensor(b"share", (1, 2, 2, 2), INT8, quantization((1 / 256,), (-128,))),
                ],
                SubGraph.INPUTS: numbers("i", 0),
                SubGraph.OUTPUTS: numbers("i", 4),
                SubGraph.OPERATORS: [
                    op(0, (0, 1, 2), (3,), CONV_2D_OPTIONS, conv_options),
                    op(1, (3,), (4,), SOFTMAX_OPTIONS, {0: Number("f", 1.0)}),
                ],
            }
        ],
        Model.BUFFERS: [{}, {BufferField.DATA: weights}, {BufferField.DATA: bias}],
    }


def main(tree: Node) -> Node:
    """The model's main subgraph."""
    node: Node = tree[Model.SUBGRAPHS][0]
    return node


# where a test finds what it spoils: each of these gives a function from the tree to a table


def a_tensor(index: int) -> Callable[[Node], Node]:
    return lambda tree: main(tree)[SubGraph.TENSORS][index]


def a_quant(index: int) -> Callable[[Node], Node]:
    return lambda tree: main(tree)[SubGraph.TENSORS][index][TensorField.QUANTIZATION]


def an_op(index: int) -> Callable[[Node], Node]:
    return lambda tree: main(tree)[SubGraph.OPERATORS][index]


def a_buffer(index: int) -> Callable[[Node], Node]:
    return lambda tree: tree[Model.BUFFERS][index]


def whole(tree: Node) -> Node:
    return tree


def read(tree: Node) -> Graph:
    """The graph of an intact model."""
    graph = read_model(write(tree), "small")
    check(graph)
    return graph


def refused(data: bytes) -> ModelError:
    """The error of reading and checking ``data``: sentences that say what and where."""
    with pytest.raises(ModelError) as caught:
        check(read_model(data, "small"))
    error = caught.value
    assert error.what.endswith(".") and "\n" not in error.what
    assert error.at.startswith("small")
    return error
