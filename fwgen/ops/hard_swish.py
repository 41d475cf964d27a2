"""HARD_SWISH: x times min(max(x + 3, 0), 6) / 6, in 16 bits as TFLM has it."""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.model.fixed_point import Int64Array, quantize_multiplier, rounding_shift_right
from fwgen.model.graph import Tensor
from fwgen.ops.parts import by_type, reals, value_table

FINER_BITS = 7
"""That the input gets, so that it fills 16 bits."""

GATE_SHIFTS = range(-15, 32)
"""By which 16 bits can be shifted to the right, and 1 in 32 bits to the left, less 1."""


def factors(x: Tensor, y: Tensor) -> tuple[float, float]:
    """Real multipliers of the finer input: to the output, and to units of 3 / 2**15.

    Source: TFLM ``hard_swish_common.cc``, in double as the wheel calculates.
    """
    finer = x.scale / (1 << FINER_BITS)
    return finer / y.scale, finer / (3.0 / 32768.0)


def check(node: Node) -> None:
    value_table.check(node)
    output, gate = (quantize_multiplier(factor)[1] for factor in factors(node.x, node.y))
    ratio = node.x.scale / node.y.scale
    node.require(
        -15 <= output <= 0,
        f"By its scales HARD_SWISH multiplies by {ratio:g}, expected 2**-9 or more and less than "
        "2**7.",
    )
    node.require(
        gate in GATE_SHIFTS,
        f"The input's scale is {node.x.scale:g}, expected 2**-22 to 2**24.",
    )


def table(x: Tensor, y: Tensor) -> Int64Array:
    """Source: TFLite ``reference/hard_swish.h``."""
    (scale, shift), (gate_scale, gate_shift) = map(_of_16_bits, factors(x, y))
    finer = (value_table.VALUES - x.zero_point) << FINER_BITS
    scaled = _high(finer, scale)
    if gate_shift > 0:
        finer = Element.S16.clamped(finer << gate_shift - 1).astype(np.int64)
    gate = _high(finer, gate_scale)
    if gate_shift > 0:
        gate = Element.S16.clamped(gate << 1).astype(np.int64)
    elif gate_shift < 0:
        gate = rounding_shift_right(gate, -gate_shift)
    product = ((gate + (1 << 15)) >> 1) * scaled
    # a division, which cuts fractions off towards zero
    output = np.sign(product) * (np.abs(product) >> 15)
    return rounding_shift_right(output, -shift) + y.zero_point


def _of_16_bits(factor: float) -> tuple[int, int]:
    """Multiplier of 16 bits and shift. Source: TFLite ``internal/common.h``."""
    multiplier, shift = quantize_multiplier(factor)
    return min(multiplier + (1 << 15) >> 16, Element.S16.high), shift


def _high(a: Int64Array, multiplier: int) -> Int64Array:
    """Round(a * b / 2**15), halves up: gemmlowp's ``SaturatingRoundingDoublingHighMul``."""
    rounded: Int64Array = a * multiplier + (1 << 14) >> 15
    return np.minimum(rounded, Element.S16.high)


def real(node: Node, x: Array) -> Array:
    """Of float32. Source: TFLite ``reference/hard_swish.h``."""
    raised = np.add(x, np.float32(3))
    gate = np.minimum(np.where(np.less(0, raised), raised, np.float32(0)), np.float32(6))
    found: Array = np.multiply(x, gate) / np.float32(6)
    return found


OPERATOR = by_type.operator(
    117,
    "HARD_SWISH",
    reals.or_quantized(check),
    value_table.definition("HARD_SWISH", value_table.entries_by(table)),
    reals.definition("HARD_SWISH", real, cycles=16.0),
)
