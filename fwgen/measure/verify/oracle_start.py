"""The start of TFLM for a verification, with a model as TFLM takes it."""

from __future__ import annotations

from fwgen.host.oracle import Oracle, OracleRefused
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.model.stored import with_int8, with_int64
from fwgen.ops.parts.wide_biases import misread_bias


def started_oracle(model: bytes, graph: Graph, timeout_s: float) -> tuple[Oracle, tuple[str, ...]]:
    """TFLM with the model, and what is to be told of it.

    Where it refuses int4 constants, which it takes of few ops, it gets them as int8; biases that it
    would misread it gets as int64. Raises what ``Oracle`` does.
    """
    read = read_model(model, graph.name)
    told: tuple[str, ...] = ()
    narrow = {bias for op in read.ops if (bias := misread_bias(read, op)) is not None}
    if narrow:
        model = with_int64(model, sorted(narrow), graph.name)
        told = ("TFLM misreads biases of int32 here: it was given the model with them as int64.",)
    try:
        return Oracle(model, timeout_s=timeout_s), told
    except OracleRefused:
        if all(tensor.bits is None for tensor in read.tensors):
            raise
    packed = "TFLM does not take these int4 constants: it was given the model with them as int8."
    return Oracle(with_int8(model, graph.name), timeout_s=timeout_s), (*told, packed)
