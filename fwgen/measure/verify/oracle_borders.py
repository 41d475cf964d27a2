"""Borders of SPACE_TO_BATCH_ND for TFLM, which leaves them to what its memory happens to hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from fwgen.model.graph import Graph
from fwgen.ops import space_to_batch_nd

CODE = space_to_batch_nd.OPERATOR.name


def leaves_borders(graph: Graph) -> bool:
    """Whether the model has a SPACE_TO_BATCH_ND with a border."""
    return any(_is_bordered(graph.operand(op, 2)) for op in graph.ops if op.code == CODE)


def _is_bordered(borders: Any) -> bool:
    return borders is not None and borders.data is not None and bool(np.any(borders.data))


def with_written_borders(model: bytes) -> bytes:
    """A copy of the file ``model`` in which a PAD makes each border, of zero points.

    PAD takes the op's input, and the op takes what PAD makes, without a border. All tensors keep
    their indices; new ones follow. Source: TFLite ``space_to_batch_nd.cc``, where the value of a
    border is the output's zero point.
    """
    # Of TFLM's wheel, as TFLM is what this is for; it needs no native code.
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

    found = schema.ModelT.InitFromPackedBuf(model)
    pad = schema.OperatorCodeT()
    pad.builtinCode = pad.deprecatedBuiltinCode = schema.BuiltinOperator.PAD
    pad.version = 1
    for subgraph in found.subgraphs:
        ops = []
        for op in subgraph.operators:
            code = found.operatorCodes[op.opcodeIndex].builtinCode
            if code == schema.BuiltinOperator.SPACE_TO_BATCH_ND:
                data = found.buffers[subgraph.tensors[op.inputs[2]].buffer].data
                borders = None if data is None else np.frombuffer(bytes(data), np.int32)
                if borders is not None and borders.any():
                    ops.append(_padded(schema, found, subgraph, op, borders.reshape(-1, 2)))
            ops.append(op)
        subgraph.operators = ops
    found.operatorCodes.append(pad)
    return _packed(schema, found)


def _padded(schema: Any, model: Any, subgraph: Any, op: Any, borders: np.ndarray) -> Any:
    """The PAD that makes the ``borders`` of the op, which has none afterwards."""
    x = subgraph.tensors[op.inputs[0]]
    sides = np.pad(borders, ((1, 1), (0, 0)))  # of images and channels: none
    padded = schema.TensorT()
    padded.type, padded.quantization, padded.name = x.type, x.quantization, x.name
    padded.shape = [int(size + sum(side)) for size, side in zip(x.shape, sides, strict=True)]
    made = schema.OperatorT()
    made.opcodeIndex = len(model.operatorCodes)
    made.inputs = [op.inputs[0], _constant(schema, model, subgraph, sides)]
    made.outputs = [_added(subgraph, padded)]
    op.inputs = [made.outputs[0], op.inputs[1], _constant(schema, model, subgraph, borders * 0)]
    return made


def _constant(schema: Any, model: Any, subgraph: Any, values: np.ndarray) -> int:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.astype(np.int32).tobytes(), np.uint8)
    tensor = schema.TensorT()
    tensor.type, tensor.shape = schema.TensorType.INT32, list(values.shape)
    tensor.buffer = len(model.buffers)
    model.buffers.append(buffer)
    return _added(subgraph, tensor)


def _added(subgraph: Any, tensor: Any) -> int:
    subgraph.tensors.append(tensor)
    return len(subgraph.tensors) - 1


def _packed(schema: Any, model: Any) -> bytes:
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
