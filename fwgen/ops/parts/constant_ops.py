"""Evaluates at build what does not depend on the model's inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fwgen.contract.operator import Array, Operator
from fwgen.model.graph import ABSENT, Graph, Op

MOST_BYTES = 16 << 20
"""Bytes that all constants made at build may have, so that no small file asks for gigabytes."""


def constant_output(graph: Graph, op: Op, operator: Operator, room: int) -> Array | None:
    """The op's output if all that it reads is constant, else None.

    None also where the output is one of the model, which has to be written at run time, where it
    has more than ``room`` bytes, and where ``operator`` does not say how to evaluate the op.
    """
    y = graph.output(op)
    if operator.fold is None or y.index in graph.outputs or y.bytes > room or ABSENT in op.inputs:
        return None
    values = [data for t in op.inputs if (data := graph.tensors[t].data) is not None]
    if len(values) < len(op.inputs):
        return None
    data = np.ascontiguousarray(operator.fold(graph, op, values), y.dtype.numpy).reshape(y.shape)
    data.setflags(write=False)
    return data


def with_constant(graph: Graph, op: Op, data: Array) -> Graph:
    """``graph`` without the op, its output the constant ``data``."""
    tensors = list(graph.tensors)
    tensors[op.outputs[0]] = replace(graph.output(op), data=data)
    ops = tuple(other for other in graph.ops if other is not op)
    return replace(graph, tensors=tuple(tensors), ops=ops)
