"""SIGNAL_PCAN: automatic gain control of channels by their noise, as TFLM's ``SignalPCAN``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Arg
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

GAINS = 125
"""Numbers of the table of gains: 3 first ones, and 4 for each power of 2, of which 3 matter."""


@dataclass(frozen=True)
class Options:
    """By how many bits the product of signal and gain is shifted to the right."""

    shift: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "snr_shift"))


def check(node: Node) -> None:
    require_counts(node, 3, 1)
    for tensor in (node.w, node.y):
        require_vector(node, tensor, node.x.elements)
    require_vector(node, node.x)
    gains = node.input(2)
    require_vector(node, gains)
    node.require(
        gains.elements >= GAINS,
        f"Tensor {gains.index} has {gains.elements} gains, expected {GAINS} or more.",
    )
    require_range(node, "snr_shift", node.options.shift, 0, 63)


def gain_of(noise: int, gains: Sequence[int]) -> int:
    """Source: TFLM ``signal/src/pcan_argc_fixed.cc``, ``WideDynamicFunction``."""
    if noise <= 2:
        return gains[noise]
    bits = noise.bit_length()
    constant, linear, quadratic = gains[4 * bits - 6 : 4 * bits - 3]
    part = (noise << max(11 - bits, 0) >> max(bits - 11, 0)) & 0x3FF
    slope = ((quadratic * part) >> 5) + (linear << 5)
    found = ((slope * part + (1 << 14)) >> 15) + constant
    return int(np.int64(found).astype(np.int16))


def fold(node: Node, values: Sequence[Array]) -> Array:
    """Source: TFLM ``signal/src/pcan_argc_fixed.cc``."""
    gains, found = values[2].tolist(), []
    for signal, noise in zip(values[0].tolist(), values[1].tolist(), strict=True):
        gain = gain_of(noise, gains) & Element.U32.high
        ratio = (signal * gain & Element.U64.high) >> node.options.shift & Element.U32.high
        shrunk = ratio * ratio >> 20 if ratio < 2 << 12 else (ratio >> 6) - (1 << 6)
        found.append(shrunk)
    return np.array(found, np.uint32)


def arguments(node: Node) -> tuple[Arg, ...]:
    return (*refs((*node.operands(), node.y)), node.x.elements, node.options.shift)


OPERATOR = signal_operator(
    "signal_pcan_u32",
    (Element.U32, Element.U32, Element.S16, Element.U32),
    read_options,
    check,
    fold,
    forms_of("signal_pcan_u32", arguments, 60.0),
)
