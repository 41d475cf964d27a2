"""LEAKY_RELU: x where it is not negative, else x times alpha, in the scale of the output."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts import by_type, checks, reals, slopes, value_table


@dataclass(frozen=True)
class Options:
    """The schema's ``LeakyReluOptions``."""

    alpha: float


def read_options(fields: Fields) -> Options:
    return Options(alpha=fields.f32(0))


def factors(node: Node) -> tuple[float, float]:
    """Real multipliers of values that are not negative, and of the magnitude of those that are."""
    x, y = node.x, node.y
    return x.scale / y.scale, x.scale * abs(node.options.alpha) / y.scale


def check(node: Node) -> None:
    value_table.check(node, symmetric=False)
    alpha = node.options.alpha
    node.require(math.isfinite(alpha), f"alpha is {alpha:g}, expected a finite number.")
    checks.require_factors(node, factors(node))


def entries(node: Node) -> value_table.Entries:
    """Source: TFLite ``reference/leaky_relu.h``, ``QuantizeLeakyRelu``.

    With a negative alpha it multiplies by the magnitude, and negates what it has rounded.
    """
    values = value_table.VALUES - node.x.zero_point
    above, below = (requantize(values, *quantize_multiplier(factor)) for factor in factors(node))
    below = below * (-1 if node.options.alpha < 0 else 1)
    return node.y.dtype.clamped(np.where(values >= 0, above, below) + node.y.zero_point)


def slopes_of(node: Node) -> slopes.Slopes:
    above, below = factors(node)
    points = node.x.zero_point, node.y.zero_point
    after = -1 if node.options.alpha < 0 else 1
    return slopes.Slopes(above, below, after=after, zero_points=points)


def real(node: Node, x: Array) -> Array:
    """Of float32."""
    found: Array = np.where(np.greater(x, 0), x, np.multiply(x, np.float32(node.options.alpha)))
    return found


def slope(node: Node) -> tuple[Arg, ...]:
    return (Constant("slope", np.array([node.options.alpha], np.float32)),)


OPERATOR = by_type.operator(
    98,
    "LEAKY_RELU",
    reals.or_quantized(check),
    value_table.definition("LEAKY_RELU", entries),
    slopes.definition("LEAKY_RELU", slopes_of),
    reals.definition("LEAKY_RELU", real, slope),
    options=read_options,
)
