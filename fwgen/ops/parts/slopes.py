"""Lines through 0 with another slope below 0, for int16: RELU, RELU6, LEAKY_RELU and ABS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S16_ALL, Element
from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops.parts.by_type import Definition
from fwgen.ops.parts.overlap import in_place


@dataclass(frozen=True)
class Slopes:
    """The real multipliers of values that are not negative, and of those that are.

    The latter are multiplied by ``before`` before they are rounded, and by ``after`` afterwards,
    both of which are 1 or -1. Then all are clamped to ``limits``. The ``zero_points`` are those of
    the input and of what is clamped.
    """

    above: float
    below: float = 0.0
    before: int = 1
    after: int = 1
    limits: tuple[int, int] = Element.S16.limits
    zero_points: tuple[int, int] = (0, 0)


def definition(op: str, slopes: Callable[[Node], Slopes]) -> Definition:
    """The meaning of an op for int16."""

    def calls(node: Node) -> tuple[Call, ...]:
        found = slopes(node)
        above, below = quantize_multiplier(found.above), quantize_multiplier(found.below)
        names = ("above_multiplier", "above_shift", "below_multiplier", "below_shift")
        fields = (
            ("elements", node.x.elements),
            *zip(names, (*above, *below), strict=True),
            ("before", found.before),
            ("after", found.after),
            ("low", found.limits[0]),
            ("high", found.limits[1]),
            ("input_zero_point", found.zero_points[0]),
            ("output_zero_point", found.zero_points[1]),
        )
        params = Params("fw_slopes_s16_params", fields)
        return (Call("fw_slopes_s16", (params, Ref(node.x.index), Ref(node.y.index))),)

    def fold(node: Node, values: Sequence[Array]) -> Array:
        found = slopes(node)
        x = values[0].astype(np.int64) - found.zero_points[0]
        above = requantize(x, *quantize_multiplier(found.above))
        below = requantize(found.before * x, *quantize_multiplier(found.below))
        scaled = np.where(x < 0, found.after * below, above) + found.zero_points[1]
        clamped: Array = np.clip(scaled, *found.limits).astype(node.y.dtype.numpy)
        return clamped

    return Definition(
        Kernel(op, "slopes_s16", "reference", one_form(calls, cost, in_place), types=(S16_ALL,)),
        fold,
    )


def cost(node: Node) -> float:
    return 25.0 * node.x.elements
