"""The start of TFLM for a verification, with a model as TFLM takes it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

from fwgen.contract.node import Node
from fwgen.contract.operator import Array, fields_of
from fwgen.host.oracle import Oracle, OracleRefused
from fwgen.measure.verify.oracle_borders import leaves_borders, with_written_borders
from fwgen.model.graph import Graph
from fwgen.model.look_ups import with_look_ups
from fwgen.model.reader import read_model
from fwgen.model.stored import with_int8, with_int64
from fwgen.ops import operators
from fwgen.ops.parts.wide_biases import misread_bias


def started_oracle(
    model: bytes, graph: Graph, timeout_s: float, *, stand_ins: bool = True
) -> tuple[Oracle, tuple[str, ...]]:
    """TFLM with the model, and what is to be told of it.

    Where it refuses int4 constants, which it takes of few ops, it gets them as int8. Biases that it
    would misread it gets as int64. A PAD makes the borders that it would not write. With
    ``stand_ins`` it looks up in tables what it lacks. Raises what ``Oracle`` does.
    """
    read = read_model(model, graph.name)
    model, told = with_stand_ins(model, read) if stand_ins else (model, ())
    narrow = {bias for op in read.ops if (bias := misread_bias(read, op)) is not None}
    if narrow:
        model = with_int64(model, sorted(narrow), graph.name)
        wide = "TFLM misreads biases of int32 here: it was given the model with them as int64."
        told = (*told, wide)
    if leaves_borders(read) and find_spec("tflite_micro"):  # else Oracle says what to install
        model = with_written_borders(model)
        written = (
            "TFLM does not write the borders of SPACE_TO_BATCH_ND: it was given the model with a "
            "PAD of zero points before each, which is what TFLite computes."
        )
        told = (*told, written)
    try:
        return Oracle(model, timeout_s=timeout_s), told
    except OracleRefused:
        if all(tensor.bits is None for tensor in read.tensors):
            raise
    packed = "TFLM does not take these int4 constants: it was given the model with them as int8."
    return Oracle(with_int8(model, graph.name), timeout_s=timeout_s), (*told, packed)


def with_stand_ins(model: bytes, read: Graph) -> tuple[bytes, tuple[str, ...]]:
    """The model with look-ups in place of ops that TFLM lacks, and what is to be told of it.

    ``read`` is the graph of the file.
    """
    known, tables, codes = operators(), dict[int, Array](), set[str]()
    for op in read.ops:
        operator = known.get(op.code)
        if operator is None or not operator.of_files:
            continue
        options = operator.options(fields_of(op))
        node = Node(read, replace(op, options=options))
        table = operator.stand_in(node) if node.inputs and node.outputs else None
        if table is not None:
            output = read.tensors[op.outputs[0]]
            tables[op.outputs[0] if output.source is None else output.source] = table
            codes.add(op.code)
    if not tables:
        return model, ()
    told = (
        f"TFLM has no {' or '.join(sorted(codes))} of int8: compared with the table of TFLite's "
        "formula, in which TFLM looked up each value.",
    )
    return with_look_ups(model, tables, read.name), told
