"""Two judges of a Graph that share no code with fwgen's reader and check."""

from __future__ import annotations

import struct
from math import isinf, isnan

import numpy as np
import tflite
from flatbuffers.number_types import Int32Flags

from fwgen.model.graph import Graph, Quant
from fwgen.model.graph import Tensor as GraphTensor

NAMES = {
    enum: {number: name for name, number in vars(enum).items() if not name.startswith("_")}
    for enum in (tflite.TensorType, tflite.BuiltinOperator)
}
RANGES = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


def assert_as_tflite_reads(graph: Graph, data: bytes) -> None:
    """Assert that ``graph`` holds what the ``tflite`` package finds in ``data``, field by field.

    Of tensors that nothing uses, those without ``source`` may be missing. What a CIRCULAR_BUFFER
    kept before is its first input in the graph alone, one more tensor behind those of the file.
    """
    model = tflite.Model.GetRootAsModel(data, 0)
    main = model.Subgraphs(0)
    assert model.Version() == 3
    assert graph.inputs == _vector(main, "Inputs")
    assert graph.outputs == _vector(main, "Outputs")
    count = main.TensorsLength()
    renewed = {v.before: v.after for v in graph.variables if v.before != v.after}
    assert sorted(renewed) == list(range(count, len(graph.tensors)))
    assert {v.after for v in graph.variables} == {
        index for index in range(count) if main.Tensors(index).IsVariable()
    }
    assert len(graph.ops) == main.OperatorsLength()
    used = _used(graph)
    for index, tensor in enumerate(graph.tensors):
        assert tensor.index == index
        assert tensor.source == index or (
            tensor.source is None and (index in renewed or index not in used)
        )
        if index in renewed or tensor.source is not None:
            _assert_tensor(tensor, main.Tensors(renewed.get(index, index)), model)
    for index, op in enumerate(graph.ops):
        expected = main.Operators(index)
        code = model.OperatorCodes(expected.OpcodeIndex())
        number = max(code.DeprecatedBuiltinCode(), _wide_code(code))
        assert op.index == index
        assert op.code.split()[0] == NAMES[tflite.BuiltinOperator].get(number, "BUILTIN")
        windows = op.inputs[:1] if op.code == "CIRCULAR_BUFFER" else ()
        assert [renewed[window] for window in windows] == list(op.outputs[: len(windows)])
        inputs = tuple(renewed.get(operand, operand) for operand in op.inputs[len(windows) :])
        assert inputs == _vector(expected, "Inputs")
        assert op.outputs == _vector(expected, "Outputs")
        options = expected.BuiltinOptions() if expected.BuiltinOptionsType() else None
        assert (op.options is None) == (options is None)


def _used(graph: Graph) -> set[int]:
    """Tensors that are an input or output of the model or of an op, or keep their value."""
    operands = (index for op in graph.ops for index in (*op.inputs, *op.outputs))
    kept = (index for v in graph.variables for index in (v.before, v.after))
    return {*graph.inputs, *graph.outputs, *operands, *kept} - {-1}


def _wide_code(code: tflite.OperatorCode) -> int:
    """``builtin_code`` as the file has it; ``BuiltinCode()`` has its own rule for small ones."""
    offset = code._tab.Offset(10)
    return int(code._tab.Get(Int32Flags, code._tab.Pos + offset)) if offset else 0


def _vector(table: object, field: str) -> tuple[int, ...]:
    values = getattr(table, f"{field}AsNumpy")()
    return tuple(values.tolist()) if getattr(table, f"{field}Length")() else ()


def _assert_tensor(tensor: GraphTensor, expected: tflite.Tensor, model: tflite.Model) -> None:
    assert tensor.shape == _vector(expected, "Shape")
    packed = expected.Type() == tflite.TensorType.INT4
    assert (
        tensor.dtype.tflite
        == NAMES[tflite.TensorType][tflite.TensorType.INT8 if packed else expected.Type()]
    )
    assert tensor.bits == (4 if packed else None)
    if tensor.name.isalnum():
        assert tensor.name.encode() == expected.Name()
    assert expected.Sparsity() is None
    buffer = model.Buffers(expected.Buffer())
    if tensor.data is None:
        assert buffer.DataLength() == 0 or expected.IsVariable()
    elif packed:
        low_first = [n for byte in buffer.DataAsNumpy().tolist() for n in (byte & 15, byte >> 4)]
        assert [value & 15 for value in tensor.data.reshape(-1).tolist()] == (
            low_first[: tensor.data.size]
        )
    elif tensor.data.size:
        assert tensor.data.tobytes() == buffer.DataAsNumpy().tobytes()
    quant = expected.Quantization()
    if quant is None or quant.ScaleLength() + quant.ZeroPointLength() == 0:
        assert tensor.quant is None
        return
    assert tensor.quant is not None
    assert quant.DetailsType() == 0
    assert struct.pack(f"{len(tensor.quant.scales)}f", *tensor.quant.scales) == (
        quant.ScaleAsNumpy().tobytes()
    )
    assert tensor.quant.zero_points == _vector(quant, "ZeroPoint")
    assert tensor.quant.axis == (0 if len(tensor.shape) == 1 else quant.QuantizedDimension())


def assert_sound(graph: Graph) -> None:
    """Assert all that later stages take for granted of a graph that was read and checked."""
    origin: dict[int, int] = {}
    constants = [i for i, tensor in enumerate(graph.tensors) if tensor.data is not None]
    before = [variable.before for variable in graph.variables]
    for index in [*constants, *set(graph.inputs), *before]:
        assert index not in origin
        origin[index] = -1
    for position, op in enumerate(graph.ops):
        for index in op.inputs:
            assert index == -1 or origin[index] < position
        for index in op.outputs:
            assert index not in origin
            origin[index] = position
    assert graph.inputs and graph.outputs
    given = set(graph.inputs)
    assert all(origin[index] >= 0 or index in given for index in graph.outputs)
    assert set(origin) <= set(range(len(graph.tensors)))
    computed = {graph.tensors[i].dtype.word for i in origin if i in given or origin[i] >= 0}
    assert computed & {"int8", "uint8", "int16"} or not any(w.startswith("float") for w in computed)
    for index in (*graph.inputs, *graph.outputs):
        assert graph.tensors[index].dtype.word not in ("float16", "uint16")
    _assert_variables_sound(graph, origin)
    for index in _used(graph):
        _assert_tensor_sound(graph.tensors[index])
    for tensor in graph.tensors:
        if tensor.source is not None:
            _assert_tensor_sound(tensor)
        else:
            assert tensor.data is None


def _assert_variables_sound(graph: Graph, origin: dict[int, int]) -> None:
    """Assert that no op needs an old value after the new one, which takes its place in memory."""
    assert len({variable.after for variable in graph.variables}) == len(graph.variables)
    for variable in graph.variables:
        before, after = graph.tensors[variable.before], graph.tensors[variable.after]
        assert (before.shape, before.dtype) == (after.shape, after.dtype)
        assert variable.initial.shape == before.shape
        assert variable.initial.dtype.name == before.dtype.word
        if variable.before != variable.after:
            assert variable.before not in graph.outputs
            new = origin[variable.after]
            assert new >= 0
            assert not any(variable.before in op.inputs for op in graph.ops[new + 1 :])


def _assert_tensor_sound(tensor: GraphTensor) -> None:
    elements = 1
    numpy_name = tensor.dtype.word
    empty = tensor.shape == (0,) and numpy_name in ("int32", "uint8")
    for extent in tensor.shape:
        assert extent >= 1 or empty
        elements *= extent
    assert elements * np.dtype(numpy_name).itemsize < 2**31
    assert tensor.name.isascii() and (tensor.name.isprintable() or not tensor.name)
    assert len(tensor.name) < 1000
    if tensor.data is not None:
        assert tensor.data.shape == tensor.shape
        assert tensor.data.dtype.name == numpy_name
        assert not tensor.data.flags.writeable
        if tensor.bits == 4:
            assert tensor.data.size == 0 or -8 <= tensor.data.min() <= tensor.data.max() <= 7
    if tensor.quant is not None:
        _assert_quant_sound(tensor.quant, tensor.shape, numpy_name)
        assert tensor.data is not None or 0.0 not in tensor.quant.scales


def _assert_quant_sound(quant: Quant, shape: tuple[int, ...], numpy_name: str) -> None:
    assert quant.axis in range(max(len(shape), 1))
    assert len(quant.scales) == len(quant.zero_points)
    if len(quant.scales) != 1:
        assert len(quant.scales) == shape[quant.axis]
    assert not any(isnan(s) or isinf(s) or s < 0 for s in quant.scales)
    low, high = RANGES.get(numpy_name, (0, 0))
    assert low <= min(quant.zero_points) and max(quant.zero_points) <= high
