"""Exponentials of int8 rows, and their scales: what SOFTMAX and LOG_SOFTMAX have in common."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.model.fixed_point import exp_of_negative, quantize_multiplier, requantize

INTEGER_BITS = 5
"""Of the scaled differences: exp(-32) is nothing."""

MOST_DEPTH = 4095
"""Elements of a row: as many exponentials of 1.0 fit the sum's 12 integer bits."""


def beta_of(node: Node) -> float:
    """What differences are multiplied by: LOG_SOFTMAX has no such option."""
    beta: float = getattr(node.options, "beta", 1.0)
    return beta


def scaling(node: Node) -> float:
    """Units of 2**-26 in beta times one quantization step, capped where one step is everything.

    Source: TFLite ``quantization_util.cc``, ``PreprocessSoftmaxScaling``.
    """
    real: float = beta_of(node) * node.x.scale * (1 << (31 - INTEGER_BITS))
    return min(real, (1 << 31) - 1.0)


def radius(node: Node) -> int:
    """The largest difference that the reference scales. Source: ``CalculateInputRadius``."""
    _, shift = quantize_multiplier(scaling(node))
    return (((1 << INTEGER_BITS) - 1) << (31 - INTEGER_BITS)) >> shift


def exponentials(node: Node) -> npt.NDArray[np.int32]:
    """exp(-beta * scale * d) for d = 0, 1, ... as int32 in units of 2**-31.

    Ends where exponentials are so small that they add nothing to a sum and give nothing, or where
    the reference stops scaling differences (``CalculateInputRadius``).
    """
    multiplier, shift = quantize_multiplier(scaling(node))
    differences = np.arange(min(255, radius(node)) + 1, dtype=np.int64)
    values = exp_of_negative(requantize(-differences, multiplier, shift), INTEGER_BITS)
    # below half a unit of the sum's 2**-19, and with it of the output's 1/256
    return values[: int(np.flatnonzero(values >= 1 << 11)[-1]) + 1].astype(np.int32)
