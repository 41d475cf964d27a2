"""A model with the multipliers that Vela gives it.

Vela takes the product of the scales of a FULLY_CONNECTED or BATCH_MATMUL in float32, TFLM in
double. The multipliers differ in the last bits, and now and then so do results, by one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from fwgen.model.element import Element
from fwgen.model.graph import Graph, Op, Quant

CODES = ("FULLY_CONNECTED", "BATCH_MATMUL")
"""Of the ops that this is about."""


def with_own_multipliers(graph: Graph, on_npu: Collection[int]) -> set[int]:
    """Which of the ops on the NPU have multipliers of Vela's."""
    return {
        op.index
        for op in graph.ops
        if op.index in on_npu and op.code in CODES and all(_is_int8(graph, op, i) for i in (0, 1))
    }


def _is_int8(graph: Graph, op: Op, place: int) -> bool:
    tensor = graph.operand(op, place)
    return tensor is not None and tensor.dtype is Element.S8 and tensor.quant is not None


def with_float32_products(graph: Graph, ops: Collection[int]) -> Graph:
    """The graph with other scales of operand 1 for some ops of ``CODES``.

    The new scale w' makes x * w' what float32 makes of x * w. It is that of another tensor, as x
    may differ from op to op; one that is no constant has the ``source`` of the one it stands for.
    """
    tensors, changed = list(graph.tensors), []
    for op in graph.ops:
        if op.index in ops:
            x, w = graph.input(op, 0), graph.input(op, 1)
            assert w.quant is not None
            products = (float(np.float32(x.scale) * np.float32(s)) for s in w.quant.scales)
            scales = tuple(product / x.scale for product in products)
            quant = Quant(scales, w.quant.zero_points, w.quant.axis)
            source = w.source if w.data is None else None
            tensors.append(replace(w, index=len(tensors), quant=quant, source=source))
            inputs = (op.inputs[0], tensors[-1].index, *op.inputs[2:])
            op = replace(op, inputs=inputs)
        changed.append(op)
    return replace(graph, tensors=tuple(tensors), ops=tuple(changed))
