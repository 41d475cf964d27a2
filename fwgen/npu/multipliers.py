"""A model with the multipliers that Vela gives it.

Vela takes the product of a FULLY_CONNECTED's scales in float32, TFLM in double. The multipliers
differ in the last bits, and now and then so do results, by one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from fwgen.model.graph import Graph, Quant

FULLY_CONNECTED = "FULLY_CONNECTED"
"""The code of the ops that this is about."""


def with_float32_products(graph: Graph, ops: Collection[int]) -> Graph:
    """The graph with other scales of weights for some ops, a FULLY_CONNECTED each.

    The new scale w' makes x * w' what float32 makes of x * w. Weights that several ops have are
    given to each, as x may differ.
    """
    tensors, changed = list(graph.tensors), []
    for op in graph.ops:
        if op.index in ops:
            x, w = graph.input(op, 0), graph.input(op, 1)
            assert w.quant is not None
            products = (float(np.float32(x.scale) * np.float32(s)) for s in w.quant.scales)
            scales = tuple(product / x.scale for product in products)
            quant = Quant(scales, w.quant.zero_points, w.quant.axis)
            tensors.append(replace(w, index=len(tensors), quant=quant, source=None))
            inputs = (op.inputs[0], tensors[-1].index, *op.inputs[2:])
            op = replace(op, inputs=inputs)
        changed.append(op)
    return replace(graph, tensors=tuple(tensors), ops=tuple(changed))
