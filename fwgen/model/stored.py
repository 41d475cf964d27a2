"""Stored constants: what a file holds of a tensor's data. int4, two to a byte, becomes int8."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from struct import pack, pack_into

import numpy as np
import numpy.typing as npt

from fwgen.errors import ModelError
from fwgen.model import schema
from fwgen.model.alignment import ALIGNMENT
from fwgen.model.element import Element
from fwgen.model.flatbuffer import Flatbuffer, FlatbufferTable
from fwgen.model.metadata import with_metadata

INT4 = schema.TENSOR_TYPES.index("INT4")
"""The number of the schema's ``TensorType``."""

INT4_BITS = 4


def packed_bytes(elements: int) -> int:
    """Bytes of so many int4 elements."""
    return (elements * INT4_BITS + 7) // 8


def unpacked(data: bytes | memoryview, elements: int) -> npt.NDArray[np.generic]:
    """int4 elements as int8: the first of a byte is in its low half, whatever the shape.

    Source: TFLite ``tensor_utils.cc``, ``UnpackDenseInt4IntoInt8``.
    """
    kind = Element.S8.numpy
    both = np.frombuffer(data, np.uint8)
    halves = np.stack((both << INT4_BITS, both & 0xF0), axis=1).view(kind)
    made: npt.NDArray[np.generic] = np.floor_divide(
        halves.reshape(-1)[:elements], 1 << INT4_BITS, dtype=kind
    )
    made.setflags(write=False)
    return made


def is_int4(tensor: FlatbufferTable) -> bool:
    """Whether the file has a tensor as int4."""
    return tensor.i8(schema.TensorField.TYPE) == INT4


def has_buffer(table: FlatbufferTable, buffers: tuple[FlatbufferTable, ...]) -> bool:
    """Whether the buffer that a tensor names is there: TFLM looks at those of all tensors."""
    return table.u32(schema.TensorField.BUFFER) < len(buffers)


def require_buffer(table: FlatbufferTable, buffers: tuple[FlatbufferTable, ...], at: str) -> None:
    """Raise ModelError unless it has one; ``at`` is the tensor's place."""
    if not has_buffer(table, buffers):
        index = table.u32(schema.TensorField.BUFFER)
        raise ModelError(f"Buffer {index} is not among the model's {len(buffers)}.", at=at)


def constant(
    table: FlatbufferTable,
    shape: tuple[int, ...],
    dtype: Element,
    buffers: tuple[FlatbufferTable, ...],
    at: str,
) -> npt.NDArray[np.generic] | None:
    """The tensor's data as a read-only view of the file; None if it needs data and has none.

    int4 is unpacked to int8. ``at`` is the tensor's place for errors: raises ModelError if its
    bytes contradict its shape, or are not in the file.
    """
    index = table.u32(schema.TensorField.BUFFER)
    if buffers[index].u64(schema.BufferField.OFFSET) > 1:
        raise ModelError(
            "The tensor's data is outside the flatbuffer, as in models of more than 2 GB, "
            "which fwgen does not support.",
            at=at,
        )
    view = buffers[index].view(schema.BufferField.DATA)
    packed = is_int4(table)
    needed = packed_bytes(prod(shape)) if packed else prod(shape) * dtype.bytes
    if not view and needed:
        return None
    if view and index == 0:
        raise ModelError("Buffer 0 holds data, but it stands for having none.", at=at)
    if len(view) != needed:
        raise ModelError(
            f"The tensor's data has {len(view):,} bytes, but shape {list(shape)} of "
            f"{'int4' if packed else dtype.word} needs {needed:,}.",
            at=at,
        )
    if packed:
        view = buffers[index].copied(schema.BufferField.DATA, prod(shape))
        return unpacked(view, prod(shape)).reshape(shape)
    return np.frombuffer(view, dtype.numpy).reshape(shape)


def with_int8(model: bytes, name: str) -> bytes:
    """A copy of the file ``model``, called ``name`` in errors, whose int4 constants are int8.

    The new constants come after the old file, to which nothing else changes. Raises ModelError if
    the file is malformed.
    """
    root = Flatbuffer(model, name).root("model")
    buffers = root.tables(schema.Model.BUFFERS)
    made, moved = bytearray(model), dict[int, int]()
    for subgraph in root.tables(schema.Model.SUBGRAPHS):
        for table in subgraph.tables(schema.SubGraph.TENSORS):
            kind = table.place(schema.TensorField.TYPE)
            if kind is None or not is_int4(table):
                continue
            made[kind] = Element.S8.code
            elements = prod(table.i32_vector(schema.TensorField.SHAPE))
            number = table.u32(schema.TensorField.BUFFER)
            if number < len(buffers) and elements > moved.get(number, 0):
                moved[number] = elements
    for number, elements in moved.items():
        field = buffers[number].place(schema.BufferField.DATA)
        values = unpacked(buffers[number].view(schema.BufferField.DATA), elements)
        if field is not None:
            made += bytes(-(len(made) + 4) % ALIGNMENT)
            pack_into("<I", made, field, len(made) - field)
            made += pack("<I", len(values)) + values.tobytes()
    return bytes(made)


def with_int64(model: bytes, tensors: Iterable[int], name: str) -> bytes:
    """A copy of the file ``model`` in whose main subgraph int32 constants are int64.

    ``tensors`` are their indices. Each gets a buffer of its own, which an entry of metadata brings.
    Raises ModelError if the file, called ``name`` in errors, is malformed.
    """
    for index in tensors:
        root = Flatbuffer(model, name).root("model")
        buffers = root.tables(schema.Model.BUFFERS)
        field = _main_tensor(model, index, name)
        data = buffers[field.u32(schema.TensorField.BUFFER)].view(schema.BufferField.DATA)
        wide = np.frombuffer(data, Element.S32.numpy).astype(Element.S64.numpy)
        made = bytearray(with_metadata(model, f"tensor {index} as int64", wide.tobytes(), name))
        field = _main_tensor(bytes(made), index, name)
        kind, buffer = (
            field.place(slot) for slot in (schema.TensorField.TYPE, schema.TensorField.BUFFER)
        )
        assert kind is not None and buffer is not None  # of an int32 constant, no default
        made[kind] = Element.S64.code
        pack_into("<I", made, buffer, len(buffers))
        model = bytes(made)
    return model


def _main_tensor(model: bytes, index: int, name: str) -> FlatbufferTable:
    subgraphs = Flatbuffer(model, name).root("model").tables(schema.Model.SUBGRAPHS)
    return subgraphs[0].tables(schema.SubGraph.TENSORS)[index]
