"""The reader of .tflite files: bytes -> Graph.

The reader refuses what a Graph cannot express: element types, storage and quantization that fwgen
does not have, tensors whose shape and bytes contradict each other. What tensors and ops say about
one another is the business of ``check``, which must come next.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path

from fwgen.errors import Fault, ModelError
from fwgen.model import schema
from fwgen.model.check import check_indices
from fwgen.model.element import Element
from fwgen.model.flatbuffer import Flatbuffer, FlatbufferTable
from fwgen.model.formats import describe
from fwgen.model.graph import Graph, Op, Quant, Tensor
from fwgen.model.handles import VAR_HANDLE, with_variables
from fwgen.model.inlining import UNROLLED, inlined
from fwgen.model.op_reader import operator_name, read_op
from fwgen.model.stored import (
    INT4,
    INT4_BITS,
    constant,
    has_buffer,
    is_int4,
    require_buffer,
)
from fwgen.model.variables import kept, with_old_windows

MAX_FILE_BYTES = 64 << 20
"""Largest file that is read: no microcontroller has that much flash."""

MAX_RANK = 8
MAX_TENSOR_BYTES = (1 << 31) - 1

_DTYPES = {dtype.code: dtype for dtype in Element}
_HANDLES = (schema.TENSOR_TYPES.index("RESOURCE"), schema.TENSOR_TYPES.index("INT32"))

_STATELESS = "a model without state: what it keeps as an input, and its next value as an output"
_HINTS = {
    "RESOURCE": _STATELESS,
    "VARIANT": UNROLLED,
    "FLOAT64 BFLOAT16 FLOAT8_E4M3FN FLOAT8_E5M2": "quantize the model to int8 throughout",
    "INT2 UINT4": "quantize weights to int8 or int4",
    "STRING": "a model that takes numbers: what makes them of text goes before it",
}
"""What to try instead of some element types."""


@dataclass(frozen=True)
class ModelFile:
    """A .tflite file, read once: its bytes, and its graph as far as a Graph can express it.

    ``faults`` are those of tensors that it cannot express, which have no quantization and no data.
    """

    data: bytes
    found: Graph
    faults: tuple[Fault, ...]

    @property
    def graph(self) -> Graph:
        """The graph as read. Raises ModelError if a tensor has a fault."""
        _require_none(self.faults)
        return self.found


def load_model(path: Path) -> Graph:
    """Read the file ``path``; the graph is called like it, less the ending.

    Raises ModelError if there is no such file, it cannot be read or ``read_model`` refuses it.
    """
    return open_model(path).graph


def open_model(path: Path) -> ModelFile:
    """As ``load_model``, with the file's bytes and the faults of its tensors, to be shown."""
    data = read_model_bytes(path)
    return ModelFile(data, *read_all(data, _encodable(path.stem), _encodable(str(path))))


def read_model_bytes(path: Path) -> bytes:
    """The bytes of the file ``path``, whatever they are. Raises ModelError if it cannot be read."""
    shown = _encodable(str(path))
    try:
        return _read_file(path, shown)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or error
        raise ModelError(f"The model cannot be read: {why}.", at=shown) from None


def _require_none(faults: tuple[Fault, ...]) -> None:
    if faults:
        first = faults[0]
        raise ModelError(first.what, at=first.at, tries=first.tries, faults=faults)


def _encodable(name: str) -> str:
    """``name`` as any stream can print it: file names may hold bytes that are not UTF-8."""
    return name.encode(errors="replace").decode()


def _read_file(path: Path, shown: str) -> bytes:
    """The bytes of a regular file of at most ``MAX_FILE_BYTES``. Raises ModelError or OSError."""
    status = path.stat()  # a pipe or device is not opened: that might never return
    if stat.S_ISDIR(status.st_mode):
        saved = "a TensorFlow SavedModel" if (path / "saved_model.pb").exists() else "a folder"
        raise ModelError(
            f"The model must be a .tflite file, but this is {saved}.",
            at=shown,
            tries=("convert a SavedModel with tf.lite.TFLiteConverter.from_saved_model",),
        )
    if not stat.S_ISREG(status.st_mode):
        raise ModelError("The model is neither a file nor a link to one.", at=shown)
    if status.st_size > MAX_FILE_BYTES:
        what = f"The file has {status.st_size:,} bytes; fwgen reads models of at most "
        raise ModelError(f"{what}{MAX_FILE_BYTES:,}.", at=shown)
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES)


def read_model(data: bytes, name: str, path: str = "") -> Graph:
    """Decode the bytes of a .tflite file as a graph called ``name``; ``path`` is for errors.

    Constant tensors are read-only views of ``data``. Of subgraphs the main one is read, and those
    that it calls. Ends in bounded time and memory for any ``data``; raises ModelError if it is
    malformed or uses something that a Graph cannot express.
    """
    graph, faults = read_all(data, name, path)
    _require_none(faults)
    return graph


def read_all(data: bytes, name: str, path: str = "") -> tuple[Graph, tuple[Fault, ...]]:
    """As ``read_model``, with all that tensors have which a Graph cannot express, to be shown.

    Such tensors have no quantization and no data. Those that keep no value, and that no op has as
    an operand, do not matter, unless the file asks for more than a file may be read as.
    """
    at = path or name
    if data[4:8] != schema.IDENTIFIER:
        what, tries = describe(data)
        raise ModelError(f"This is not a .tflite model: {what}.", at=at, tries=tries)
    model = Flatbuffer(data, at).root("model")
    version = model.u32(schema.Model.VERSION)
    if version != schema.VERSION:
        raise ModelError(
            f"The model has schema version {version}; fwgen reads version {schema.VERSION}.", at=at
        )
    subgraphs = model.tables(schema.Model.SUBGRAPHS)
    if not subgraphs:
        raise ModelError("The model holds no subgraph.", at=at)
    file = _File(
        name,
        at,
        subgraphs,
        [operator_name(code) for code in model.tables(schema.Model.OPERATOR_CODES)],
        model.tables(schema.Model.BUFFERS),
    )
    signature = _signature(model)  # before the tensors, which may take all that may be read
    graph, faults = _subgraph(file, 0)
    sha256 = hashlib.sha256(data).hexdigest()
    graph = replace(graph, sha256=sha256, path=path, signature=signature)
    if faults:
        return graph, faults
    return with_variables(inlined(graph, file.others), file.others), faults


@dataclass(frozen=True)
class _File:
    """What subgraphs are read with: the model's name and place, tables and operators."""

    name: str
    at: str
    subgraphs: Sequence[FlatbufferTable]
    codes: list[str]
    buffers: tuple[FlatbufferTable, ...]

    def others(self, index: int) -> Graph | None:
        """The graph of another subgraph than the main one; None if there is no such subgraph.

        Raises ModelError if a tensor has a fault, or is named and not there.
        """
        if not 0 < index < len(self.subgraphs):
            return None
        graph, faults = _subgraph(self, index)
        _require_none(faults)
        check_indices(graph)
        return graph


def _subgraph(file: _File, index: int) -> tuple[Graph, tuple[Fault, ...]]:
    """A subgraph with the handles of its variables unresolved, and the faults of its tensors."""
    at = f"{file.at}: subgraph {index}" if index else file.at
    main = file.subgraphs[index]
    ops = tuple(
        read_op(at, number, table, file.codes)
        for number, table in enumerate(main.tables(schema.SubGraph.OPERATORS))
    )
    users = {index: op for op in reversed(ops) for index in (*op.inputs, *op.outputs)}
    handles = {index for op in ops if op.code == VAR_HANDLE for index in op.outputs}
    tables = main.tables(schema.SubGraph.TENSORS)
    # before the tensors, the worst of which take all that a file may be read as
    inputs, outputs = (
        main.i32_vector(side) for side in (schema.SubGraph.INPUTS, schema.SubGraph.OUTPUTS)
    )
    needed = {*users, *inputs, *outputs}
    tensors, faults = [], []
    for number, table in enumerate(tables):
        try:
            if number in handles:
                require_buffer(table, file.buffers, f"{at}: tensor {number}")
                _require_handle(table, f"{at}: tensor {number}")
                tensors.append(_unknown(number, table))
                continue
            tensors.append(_tensor(at, number, table, users.get(number), file.buffers))
        except ModelError as error:
            user = users.get(number)
            place, code = (-1, "") if user is None else (user.index, user.code)
            if number in needed or table.exhausted or _concerns_tflm(table, file.buffers):
                faults.append(Fault(place, code, error.what, error.at, error.tries))
            tensors.append(_unknown(number, table))
    graph = Graph(
        name=file.name,
        sha256="",
        tensors=tuple(tensors),
        ops=ops,
        inputs=inputs,
        outputs=outputs,
        path=at if index else "",
        loose={} if faults else _loose(tables),
        variables=() if faults else kept(tensors, map(_is_variable, tables)),
    )
    return with_old_windows(graph), tuple(faults)


def _concerns_tflm(table: FlatbufferTable, buffers: tuple[FlatbufferTable, ...]) -> bool:
    """Whether a fault of a tensor that nothing reads matters all the same.

    Such a tensor is kept from one inference to the next, or its buffer or type are not there.
    """
    typed = 0 <= table.i8(schema.TensorField.TYPE) < len(schema.TENSOR_TYPES)
    return _is_variable(table) or not typed or not has_buffer(table, buffers)


def _require_handle(table: FlatbufferTable, at: str) -> None:
    """Require what TFLM does of a variable's handle. Source: TFLM ``assign_variable.cc``."""
    code, shape = table.i8(schema.TensorField.TYPE), table.i32_vector(schema.TensorField.SHAPE)
    if code not in _HANDLES or prod(shape) != 1:
        raise ModelError(
            f"The handle of a variable has shape {list(shape)[:8]} and element type {code}, "
            f"expected one element of RESOURCE or INT32, {_HANDLES[0]} or {_HANDLES[1]}.",
            at=at,
        )


def _unknown(index: int, table: FlatbufferTable) -> Tensor:
    """What stands for a tensor that a Graph cannot express, such as a variable's handle."""
    name, dtype = "", Element.U8
    shape: tuple[int, ...] = ()
    with suppress(ModelError):  # which has been told
        name, shape = (
            table.text(schema.TensorField.NAME),
            table.i32_vector(schema.TensorField.SHAPE),
        )
        dtype = _DTYPES.get(table.i8(schema.TensorField.TYPE), dtype)
    return Tensor(index, name, shape[:MAX_RANK], dtype, None, None, None)


def _signature(model: FlatbufferTable) -> dict[int, str]:
    """Names of inputs and outputs by the first signature of the main subgraph."""
    for signature in model.tables(schema.Model.SIGNATURE_DEFS):
        if signature.u32(schema.SignatureDef.SUBGRAPH_INDEX) == 0:
            sides = (schema.SignatureDef.INPUTS, schema.SignatureDef.OUTPUTS)
            return {
                entry.u32(schema.TensorMap.TENSOR_INDEX): entry.text(schema.TensorMap.NAME)
                for side in sides
                for entry in signature.tables(side)
            }
    return {}


def _loose(tables: Sequence[FlatbufferTable]) -> dict[int, tuple[int, ...]]:
    """By tensor, its axes whose size the file leaves open."""
    found = {}
    for index, table in enumerate(tables):
        sizes = table.i32_vector(schema.TensorField.SHAPE_SIGNATURE)
        axes = tuple(axis for axis, size in enumerate(sizes) if size < 0)
        if axes:
            found[index] = axes
    return found


def _tensor(
    name: str,
    index: int,
    table: FlatbufferTable,
    user: Op | None,
    buffers: tuple[FlatbufferTable, ...],
) -> Tensor:
    """The tensor; ``user`` is the first op that has it as an operand, for errors."""
    label = table.text(schema.TensorField.NAME)
    at = f'{name}: tensor {index} "{label}"'
    if user is not None:
        at += f" of op {user.index} {user.code}"
    dtype = _dtype(table, at)
    for present, what in (
        (table.has(schema.TensorField.SPARSITY), "is stored sparsely"),
        (table.u32(schema.TensorField.EXTERNAL_BUFFER) != 0, "has its data in another file"),
    ):
        if present:
            raise ModelError(f"The tensor {what}, which fwgen does not support.", at=at)
    shape = _shape(table, dtype, at)
    require_buffer(table, buffers, at)
    data = None if _is_variable(table) else constant(table, shape, dtype, buffers, at)
    if data is None and is_int4(table):
        raise ModelError("The tensor is int4, which fwgen supports in constants only.", at=at)
    return Tensor(
        index=index,
        name=label,
        shape=shape,
        dtype=dtype,
        quant=_quant(table, len(shape), at),
        data=data,
        source=index,
        bits=INT4_BITS if is_int4(table) else None,
    )


def _is_variable(table: FlatbufferTable) -> bool:
    return table.flag(schema.TensorField.IS_VARIABLE)


def _dtype(table: FlatbufferTable, at: str) -> Element:
    """The element type; int4 constants become int8."""
    code = table.i8(schema.TensorField.TYPE)
    if code == INT4:
        return Element.S8
    if code in _DTYPES:
        return _DTYPES[code]
    if not 0 <= code < len(schema.TENSOR_TYPES):
        raise ModelError(f"The tensor's element type {code} is unknown.", at=at)
    name = schema.TENSOR_TYPES[code]
    raise ModelError(
        f"The tensor's elements are {name}, which fwgen does not support.",
        at=at,
        tries=tuple(hint for names, hint in _HINTS.items() if name in names.split()),
    )


def _shape(table: FlatbufferTable, dtype: Element, at: str) -> tuple[int, ...]:
    """Up to ``MAX_RANK`` dimensions, all positive; () is a scalar, (0,) only the shape of one, or
    the constants of an NPU that needs none."""
    shape = table.i32_vector(schema.TensorField.SHAPE)
    if len(shape) > MAX_RANK:
        raise ModelError(
            f"The tensor has {len(shape)} dimensions; fwgen takes at most {MAX_RANK}.", at=at
        )
    empty = shape == (0,) and dtype in (Element.S32, Element.U8)
    if any(extent <= 0 for extent in shape) and not empty:
        raise ModelError(
            f"The tensor has shape {list(shape)}, but every dimension must be 1 or more.",
            at=at,
            tries=("convert the model with a fixed input shape, batch size included",),
        )
    needed = prod(shape) * dtype.bytes
    if needed > MAX_TENSOR_BYTES:
        raise ModelError(
            f"The tensor of shape {list(shape)} needs {needed:,} bytes; fwgen takes tensors of at "
            f"most {MAX_TENSOR_BYTES:,}.",
            at=at,
        )
    return shape


def _quant(table: FlatbufferTable, rank: int, at: str) -> Quant | None:
    """Scales, zero points and axis as they are in the file; None if there are none."""
    quant = table.table(schema.TensorField.QUANTIZATION)
    if quant is None:
        return None
    if quant.u8(schema.QuantizationParameters.DETAILS_TYPE):
        raise ModelError(
            "The tensor is quantized in blocks or by a custom rule, which fwgen does not support.",
            at=at,
        )
    scales = quant.f32_vector(schema.QuantizationParameters.SCALE)
    zero_points = quant.i64_vector(schema.QuantizationParameters.ZERO_POINT)
    # some converters give a bias the axis of its weights, although it has only one
    axis = 0 if rank == 1 else quant.i32(schema.QuantizationParameters.QUANTIZED_DIMENSION)
    return Quant(scales, zero_points, axis) if scales or zero_points else None
