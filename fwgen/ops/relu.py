"""RELU: max(x, 0) in the scale of the output."""

from __future__ import annotations

import numpy as np

from fwgen.model.fixed_point import Int64Array
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops import lookup
from fwgen.ops.parts import checks


def check(graph: Graph, op: Op) -> None:
    lookup.check(graph, op)
    checks.require_factors((graph.input(op).scale / graph.output(op).scale,), graph, op)


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Source: TFLM ``activations.h``, ``ReluQuantized``."""
    return np.maximum(lookup.rescale(x, y), y.zero_point)


OPERATOR = lookup.lookup_operator(19, "RELU", check, lookup.entries_by(table))
