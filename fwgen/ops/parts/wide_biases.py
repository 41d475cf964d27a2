"""Biases of int16 ops that have fewer bits than the sums of 64 bits: they become int64 here.

Those of int32 TFLM reads as int64, and so beyond their end. Those of int16 it widens itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fwgen.model.element import Element
from fwgen.model.graph import Graph, Op

PLACES = {"DEPTHWISE_CONV_2D": 2, "TRANSPOSE_CONV": 3}
"""Of the bias among the inputs of the ops that do so where they are int16."""


def misread_bias(graph: Graph, op: Op) -> int | None:
    """The tensor of a constant bias of int32 that TFLM reads as int64; None if there is none."""
    place = PLACES.get(op.code)
    if place is None or not op.outputs:
        return None
    bias = graph.operand(op, place)
    if bias is None or bias.data is None or bias.dtype is not Element.S32:
        return None
    return bias.index if graph.output(op).dtype is Element.S16 else None


def short_bias(graph: Graph, op: Op) -> int | None:
    """The tensor of a constant bias of int16 that TFLM widens; None if there is none.

    Source: TFLM ``transpose_conv.cc``, which converts it before each inference.
    """
    bias = graph.operand(op, PLACES[op.code]) if op.code == "TRANSPOSE_CONV" else None
    if bias is None or bias.data is None or not op.outputs:
        return None
    both = bias.dtype, graph.output(op).dtype
    return bias.index if both == (Element.S16, Element.S16) else None


def widened(graph: Graph) -> Graph:
    """The graph with such biases as int64 of the same values, and a sentence of those that TFLM
    misreads."""
    tensors, ops, found = list(graph.tensors), [], []
    for op in graph.ops:
        misread = misread_bias(graph, op)
        index = short_bias(graph, op) if misread is None else misread
        if index is not None:
            bias, place = tensors[index], PLACES[op.code]
            data = np.asarray(bias.constant, Element.S64.numpy)
            data.setflags(write=False)
            made = replace(bias, index=len(tensors), dtype=Element.S64, data=data, source=None)
            tensors.append(made)
            inputs = (*op.inputs[:place], made.index, *op.inputs[place + 1 :])
            op = replace(op, inputs=inputs)
        if misread is not None:
            found.append(str(op.index))
        ops.append(op)
    graph = replace(graph, tensors=tuple(tensors), ops=tuple(ops))
    if not found:
        return graph
    told = (
        f"the int16 ops {', '.join(found)} have a bias of int32, which TFLM reads as int64, beyond "
        "its end. They are built with the same bias as int64; verify gives TFLM that one, too."
    )
    return replace(graph, corrections=(*graph.corrections, told))
