"""Files with several subgraphs and signatures, written by TFLM's own Python schema."""

from __future__ import annotations

from collections.abc import Sequence

import flatbuffers
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

Entry = tuple[str, bytes]
"""A signature's name, and the model that is its subgraph."""


def unpacked(data: bytes) -> schema.ModelT:
    return schema.ModelT.InitFromPackedBuf(data, 0)


def packed(model: schema.ModelT) -> bytes:
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def with_entries(entries: Sequence[Entry], nameless: Sequence[bytes] = ()) -> bytes:
    """One file with a subgraph for each entry in their order, and then those without a name."""
    (_, first), *others = entries
    whole = unpacked(first)
    for data in (*(data for _, data in others), *nameless):
        _append(whole, unpacked(data))
    whole.signatureDefs = [
        signature(name, index, whole.subgraphs[index]) for index, (name, _) in enumerate(entries)
    ]
    return packed(whole)


def _append(whole: schema.ModelT, other: schema.ModelT) -> None:
    buffers, codes = len(whole.buffers), len(whole.operatorCodes)
    (graph,) = other.subgraphs
    for tensor in graph.tensors:
        tensor.buffer += buffers
    for op in graph.operators:
        op.opcodeIndex += codes
    whole.buffers += other.buffers
    whole.operatorCodes += other.operatorCodes
    whole.subgraphs.append(graph)


def signature(name: str, index: int, graph: schema.SubGraphT) -> schema.SignatureDefT:
    made = schema.SignatureDefT()
    made.signatureKey, made.subgraphIndex = name.encode(), index
    made.inputs, made.outputs = (
        [_named(f"{name}_{side}_{at}", tensor) for at, tensor in enumerate(tensors)]
        for side, tensors in (("in", graph.inputs), ("out", graph.outputs))
    )
    return made


def _named(name: str, tensor: int) -> schema.TensorMapT:
    made = schema.TensorMapT()
    made.name, made.tensorIndex = name.encode(), tensor
    return made


def calling_once(data: bytes, index: int) -> bytes:
    """A model whose first op is a CALL_ONCE of a subgraph."""
    model = unpacked(data)
    code = schema.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = 129, 127, 1
    options = schema.CallOnceOptionsT()
    options.initSubgraphIndex = index
    op = schema.OperatorT()
    op.opcodeIndex, op.inputs, op.outputs = len(model.operatorCodes), [], []
    op.builtinOptionsType, op.builtinOptions = 103, options
    model.operatorCodes.append(code)
    model.subgraphs[0].operators.insert(0, op)
    return packed(model)
