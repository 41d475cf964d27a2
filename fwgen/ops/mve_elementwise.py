"""ADD, SUB and MUL on MVE, for inputs of one shape.

For sums there is cheaper arithmetic than the reference's: a weight per input instead of the three
requantizations. Both inputs have 256 values, so that the op is a function on 65,536 pairs; the
weights are fitted here such that no pair differs. Where they cannot be, the variant does not hold.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from fwgen.model.graph import Graph, Op
from fwgen.ops.broadcast import Options, options_of
from fwgen.ops.checks import Activation, activation_range
from fwgen.ops.mve_matrix import clamped
from fwgen.ops.operator import MVE, Call, Params, Ref, Variant
from fwgen.ops.overlap import in_place

FRACTION = 21
"""Fractional bits of the kernel's sums."""

UNIT = 1 << FRACTION

Int64Array = npt.NDArray[np.int64]

VALUES = np.arange(-128, 128, dtype=np.int64)
FIRST, SECOND = VALUES[:, None], VALUES[None, :]
NEARBY = (0, 1, -1, 2, -2)

Fields = tuple[tuple[str, int], ...]
Expected = Callable[[Graph, Op], npt.NDArray[np.generic]]
"""The reference's outputs (256, 256) for ``FIRST`` and ``SECOND``."""


def offset_between(raw: Int64Array, expected: Int64Array) -> int | None:
    """What to add to ``raw`` so that it rounds down to units of ``expected``; None if nothing does.

    ``raw`` is in units of 2**-21. Where ``expected`` is -128 or 127, anything beyond is as good.
    """
    low = np.where(expected == -128, -(1 << 40), expected * UNIT - raw)
    high = np.where(expected == 127, 1 << 40, (expected + 1) * UNIT - 1 - raw)
    least, most = int(low.max()), int(high.min())
    return None if least > most else min(max((least + most) // 2, -(1 << 31)), (1 << 31) - 1)


def fit_sum(graph: Graph, op: Op, expected: Int64Array) -> Fields | None:
    """Weights and offset for ``fw_sum_s8_mve``, None if there are none.

    The sign of the second weight is that which fits.
    """
    y = graph.output(op)
    best1, best2 = (round(graph.input(op, i).scale / y.scale * UNIT) for i in range(2))
    if 255 * (best1 + best2 + 8) >= 1 << 31:
        return None  # sums would leave 32 bits
    rises = bool(expected[-1, -1] >= expected[-1, 0])
    for near1, near2 in itertools.product(NEARBY, NEARBY):
        weight1 = best1 + near1
        weight2 = best2 + near2 if rises else -best2 + near2
        raw = FIRST * weight1 + SECOND * weight2
        offset = offset_between(raw, expected)
        if offset is not None and max(-int(raw.min()) - offset, int(raw.max()) + offset) < 1 << 31:
            return (("weight1", weight1), ("weight2", weight2), ("offset", offset))
    return None


def clamp_of(graph: Graph, op: Op) -> tuple[int, int]:
    return activation_range(Activation(options_of(op).activation), graph.output(op))


def calls(kernel: str, graph: Graph, op: Op, fields: Fields) -> tuple[Call, ...]:
    """The call of a kernel on tensors of one shape, and that which clamps, if need be."""
    params = Params(f"fw_{kernel}_params", (("count", graph.output(op).elements), *fields))
    call = Call(f"fw_{kernel}", (params, *map(Ref, (*op.inputs, *op.outputs))))
    return (call, *clamped(graph, op, clamp_of(graph, op)))


def cycles(graph: Graph, op: Op, of_16: float) -> float:
    """Estimate from the cycles for 16 elements."""
    clamp = 4.0 if clamp_of(graph, op) != (-128, 127) else 0.0
    return (of_16 + clamp) / 16 * graph.output(op).elements + 40.0


def one_shape(graph: Graph, op: Op) -> bool:
    """Whether nothing is broadcast."""
    return graph.input(op, 0).shape == graph.input(op, 1).shape == graph.output(op).shape


def sum_variant(expected: Expected) -> Variant:
    """The variant of an op that adds its inputs, or subtracts the second."""

    def fields(graph: Graph, op: Op) -> Fields | None:
        unclamped = replace(op, options=Options(activation=Activation.NONE))
        return fit_sum(graph, op, expected(graph, unclamped).astype(np.int64))

    def holds(graph: Graph, op: Op) -> bool:
        return one_shape(graph, op) and fields(graph, op) is not None

    def calls_sum(graph: Graph, op: Op) -> tuple[Call, ...]:
        found = fields(graph, op)
        assert found is not None
        return calls("sum_s8_mve", graph, op, found)

    def cost(graph: Graph, op: Op) -> float:
        return cycles(graph, op, 29.0)

    return Variant(
        "sum_s8_mve", "fwgen", calls_sum, cost, needs=MVE, holds=holds, overlaps=in_place
    )
