"""LEAKY_RELU: x where it is not negative, else x times alpha, in the scale of the output."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fwgen.contract.operator import Fields
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.model.graph import Graph, Op
from fwgen.ops import lookup
from fwgen.ops.parts import checks
from fwgen.ops.parts.checks import require


@dataclass(frozen=True)
class Options:
    """The schema's ``LeakyReluOptions``."""

    alpha: float


def read_options(fields: Fields) -> Options:
    return Options(alpha=fields.f32(0))


def alpha_of(op: Op) -> float:
    assert isinstance(op.options, Options)
    return op.options.alpha


def factors(graph: Graph, op: Op) -> tuple[float, float]:
    """Real multipliers of values that are not negative, and of those that are."""
    factor = graph.input(op).scale / graph.output(op).scale
    return factor, factor * alpha_of(op)


def check(graph: Graph, op: Op) -> None:
    lookup.check(graph, op)
    alpha = alpha_of(op)
    require(0.0 <= alpha < np.inf, f"alpha is {alpha:g}, expected 0 or more.", graph, op)
    checks.require_factors(factors(graph, op), graph, op)


def entries(graph: Graph, op: Op) -> lookup.Entries:
    """Source: TFLite ``reference/leaky_relu.h``, ``QuantizeLeakyRelu``."""
    x, y = graph.input(op), graph.output(op)
    values = lookup.VALUES - x.zero_point
    above, below = (
        requantize(values, *quantize_multiplier(factor)) for factor in factors(graph, op)
    )
    return y.dtype.clamped(np.where(values >= 0, above, below) + y.zero_point)


OPERATOR = replace(lookup.lookup_operator(98, "LEAKY_RELU", check, entries), options=read_options)
