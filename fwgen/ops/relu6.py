"""RELU6: min(max(x, 0), 6)."""

from __future__ import annotations

import numpy as np

from fwgen.model.fixed_point import Int64Array
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops import lookup
from fwgen.ops.parts import checks
from fwgen.ops.parts.checks import Activation


def check(graph: Graph, op: Op) -> None:
    lookup.check(graph, op)
    checks.require_bound(6.0, graph.input(op), graph, op)


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Raw values clamped in the quantization of the input: TFLM does not look at the output's.

    Source: TFLM ``activations.h``, ``Relu6Quantized``.
    """
    return np.clip(lookup.VALUES, *checks.activation_bounds(Activation.RELU6, x))


OPERATOR = lookup.lookup_operator(21, "RELU6", check, lookup.entries_by(table))
