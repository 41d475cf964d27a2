"""Sigmoids of int16: LOGISTIC and TANH, interpolated in one table of 256 entries."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from fwgen.contract.call import Call, Constant, Ref
from fwgen.contract.kernel import Kernel, one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import S16_ALL
from fwgen.model.fixed_point import Int64Array
from fwgen.model.sigmoid_table import ENTRIES, scaled16
from fwgen.ops.parts.by_type import Definition
from fwgen.ops.parts.overlap import in_place

UNIT = 3 * 4096
"""Of the values that are looked up in 1."""

OUTPUT_POWER = -15
"""Of 2: the scale of the output."""

POWERS = {"LOGISTIC": (0,), "TANH": (0, 1)}
"""Exponents, less -12, of powers of 2 that an op takes as they are for the input's scale."""


def check(node: Node) -> None:
    """Require an output scale of 2**-15, and a multiplier whose products fit 32 bits."""
    x, y = node.x, node.y
    node.require(
        power_of_two(y.scale) == OUTPUT_POWER,
        f"The output's scale is {y.scale:g}, but {node.code} of int16 gives multiples of 2**-15.",
    )
    node.require(
        x.scale >= 2.0**-44 and x.scale * UNIT < 1 << 16,
        f"The input's scale is {x.scale:g}, expected 2**-44 or more and less than 5.33333.",
    )


def power_of_two(scale: float) -> int | None:
    """The exponent of a power of 2, None of other numbers.

    Source: TFLite ``internal/common.h``, ``CheckedLog2``: it looks at the logarithm in float32.
    """
    exponent = float(np.float32(math.log2(scale)))
    nearest = math.floor(exponent + 0.5)
    return nearest if abs(exponent - nearest) < 1e-3 else None


def rescaling(scale: float, powers: Sequence[int]) -> tuple[int, int]:
    """Multiplier and shift to the right of values of ``scale``.

    A power of 2 whose exponent, less -12, is one of ``powers`` is exact; other multipliers have 14
    or 15 bits. Source: TFLM ``logistic_common.cc`` and ``tanh.cc``.
    """
    exponent = power_of_two(scale)
    if exponent is not None and exponent + 12 in powers:
        return 3 << exponent + 12, 0
    real, right = scale * 4096.0 * 3.0, 0
    while real <= 32767.0 / 2.0 and right <= 30:
        real, right = real * 2.0, right + 1
    return int(real), right


def definition(op: str, function: Callable[[Int64Array], Int64Array]) -> Definition:
    """The meaning of an op for int16, of which ``function`` takes values from ``scaled16``."""
    kernel = f"{op.lower()}_s16"

    def calls(node: Node) -> tuple[Call, ...]:
        x, y = node.x, node.y
        tensors = Constant("table", ENTRIES), Ref(x.index), Ref(y.index)
        return (Call(f"fw_{kernel}", (*tensors, x.elements, *rescaling(x.scale, POWERS[op]))),)

    def fold(node: Node, values: Sequence[Array]) -> Array:
        scaled = scaled16(values[0].astype(np.int64), *rescaling(node.x.scale, POWERS[op]))
        return function(scaled).astype(node.y.dtype.numpy)

    row = Kernel(op, kernel, "reference", one_form(calls, cost, in_place), types=(S16_ALL,))
    return Definition(row, fold)


def cost(node: Node) -> float:
    return 25.0 * node.x.elements
