"""LOGISTIC: 1 / (1 + exp(-x)) in units of 1/256 above the least value, its zero point."""

from __future__ import annotations

import numpy as np

from fwgen.model.fixed_point import Int64Array, logistic, rounding_shift_right
from fwgen.model.graph import Graph, Op, Tensor
from fwgen.ops import lookup
from fwgen.ops.parts.checks import require

INTEGER_BITS = 4


def check(graph: Graph, op: Op) -> None:
    lookup.check(graph, op)
    lookup.require_scale(INTEGER_BITS, graph, op)
    y = graph.output(op)
    require(
        y.zero_point == y.dtype.low,
        f"The output of LOGISTIC has zero point {y.zero_point}, expected {y.dtype.low}.",
        graph,
        op,
    )


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Fixed point in units of 2**-27, the result's in 1/256 whatever the output's scale is.

    Source: TFLite ``reference/integer_ops/logistic.h``.
    """
    values, outside = lookup.scaled(x, INTEGER_BITS)
    inside = rounding_shift_right(logistic(values, INTEGER_BITS), 31 - 8) + y.dtype.low
    return np.where(outside == 0, inside, -y.dtype.low * outside)


OPERATOR = lookup.lookup_operator(14, "LOGISTIC", check, lookup.entries_by(table))
