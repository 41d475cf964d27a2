"""SIGNAL_FILTER_BANK_LOG: logarithms of channels, as TFLM's custom op ``SignalFilterBankLog``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Arg, Constant
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields
from fwgen.model.element import Element
from fwgen.ops.parts.signal import (
    forms_of,
    integers,
    refs,
    require_counts,
    require_range,
    require_vector,
    signal_operator,
)

LN2 = 45426
"""ln(2) in units of 2**-16, rounded down."""

CURVE = [round(65536 * (math.log2(1 + k / 128) - k / 128)) for k in range(129)]
"""log2(1 + x) - x in steps of 1/128, in units of 2**-16."""


@dataclass(frozen=True)
class Options:
    """By how many bits a channel is shifted to the left, and what its logarithm is multiplied
    by."""

    bits: int
    scale: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "input_correction_bits", "output_scale"))


def check(node: Node) -> None:
    require_counts(node, 1, 1)
    require_vector(node, node.x)
    require_vector(node, node.y, node.x.elements)
    require_range(node, "input_correction_bits", node.options.bits, 0, 31)


def log_of(x: int) -> int:
    """ln(x) in units of 2**-16, of ``x`` > 1. Source: TFLM ``signal/src/log.cc``."""
    whole = x.bit_length() - 1
    part = (x - (1 << whole)) << max(16 - whole, 0) >> max(whole - 16, 0)
    base = CURVE[part >> 9]
    rise = (CURVE[(part >> 9) + 1] - base) * (part & 511) >> 16
    log2 = (whole << 16) + part + base + rise
    return (LN2 * log2 + (1 << 15)) >> 16


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLM ``signal/src/filter_bank_log.cc``."""
    most, found = Element.S16.high, []
    for value in values[0].tolist():
        x = value << node.options.bits & Element.U32.high
        scaled = (node.options.scale * log_of(x) + (1 << 15)) & Element.U32.high if x > 1 else 0
        found.append(min(scaled >> 16, most))
    return np.array(found, np.int16)


def arguments(node: Node) -> tuple[Arg, ...]:
    curve = Constant("curve", np.array(CURVE, np.uint16))
    options = node.options
    return (curve, *refs((node.x, node.y)), node.x.elements, options.scale, options.bits)


OPERATOR = signal_operator(
    "signal_filter_bank_log_u32",
    (Element.U32, Element.S16),
    read_options,
    check,
    fold,
    forms_of("signal_filter_bank_log_u32", arguments, 50.0),
)
