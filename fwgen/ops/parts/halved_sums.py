"""Halved sums of int8 values: how TFLM's ADD_N and CUMSUM bring them to the scale of the output.

Both start a sum at the zero point, less itself, instead of at 0. What they multiply by 1/2 has 20
fractional bits, so that nothing is rounded before the output.
"""

from __future__ import annotations

import numpy as np

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.fixed_point import Int64Array, quantize_multiplier, requantize
from fwgen.ops.parts.broadcast import ParamFields

FRACTION_BITS = 19
"""Of a sum in steps of twice the input's scale."""


def factor(node: Node) -> float:
    """Real multiplier of a sum with its fractional bits. Source: TFLM ``add_n.cc``."""
    return 2 * node.x.scale / ((1 << FRACTION_BITS + 1) * node.y.scale)


def require_factor(node: Node) -> None:
    """Require a multiplier below 1, on others of which TFLM aborts."""
    real = factor(node) * (1 << FRACTION_BITS)
    node.require(
        factor(node) < 1.0,
        f"By its scales {node.code} multiplies by {real:g}, expected less than 2**19.",
    )


def fields(node: Node) -> ParamFields:
    """The members of ``fw_halved_sums`` after those of the loops."""
    multiplier, shift = quantize_multiplier(factor(node))
    return (
        ("multiplier", multiplier),
        ("shift", shift),
        ("output_zero_point", node.y.zero_point),
    )


def result(node: Node, sums: Int64Array) -> Array:
    """The output for sums of values less the zero point; they wrap at 32 bits.

    Source: TFLite ``reference/add_n.h`` and ``reference/cumsum.h``.
    """
    wrapped = ((sums - node.x.zero_point) << FRACTION_BITS).astype(np.int32).astype(np.int64)
    scaled = requantize(wrapped, *quantize_multiplier(factor(node)))
    return node.y.dtype.clamped(scaled + node.y.zero_point)
