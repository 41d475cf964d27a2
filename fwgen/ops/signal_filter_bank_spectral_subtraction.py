"""SIGNAL_FILTER_BANK_SPECTRAL_SUBTRACTION: channels less the noise in them, which is estimated.

The estimate is kept from one inference to the next. It is an output as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Params, Ref
from fwgen.contract.kernel import one_form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields, Memory
from fwgen.model.element import Element
from fwgen.ops.parts.signal import (
    integers,
    require_counts,
    require_range,
    require_vector,
    signal_operator,
    with_state,
)


@dataclass(frozen=True)
class Options:
    """The custom options in their order; those of odd channels are alternate ones."""

    alternate_one_minus_smoothing: int
    alternate_smoothing: int
    clamping: int
    min_signal_remaining: int
    num_channels: int
    one_minus_smoothing: int
    smoothing: int
    smoothing_bits: int
    spectral_subtraction_bits: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, *Options.__dataclass_fields__))


def memory(node: Node) -> tuple[Memory, ...]:
    """The estimate of the noise."""
    return (Memory(node.y.shape, Element.U32),)


def check(node: Node) -> None:
    require_counts(node, 2, 3)
    channels = node.options.num_channels
    for tensor in (node.x, *node.ys):
        require_vector(node, tensor, channels)
    require_range(node, "smoothing_bits", node.options.smoothing_bits, 0, 31)
    bits = node.options.spectral_subtraction_bits
    require_range(node, "spectral_subtraction_bits", bits, 0, 63)


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    """Source: TFLM ``signal/src/filter_bank_spectral_subtraction.cc``, with its unsigned numbers
    of 32 and 64 bits."""
    options, narrow = node.options, Element.U32.high
    bits, up = np.uint64(options.spectral_subtraction_bits), np.uint64(options.smoothing_bits)
    low = np.uint64(narrow)

    def factors(even: int, odd: int) -> npt.NDArray[np.uint64]:
        odd_channels = np.arange(values[0].size) % 2
        return np.where(odd_channels, odd & narrow, even & narrow).astype(np.uint64)

    given = values[0].astype(np.uint64)
    signal = (given << up) & low
    smoothing = factors(options.smoothing, options.alternate_smoothing)
    rest = factors(options.one_minus_smoothing, options.alternate_one_minus_smoothing)
    estimate = ((signal * smoothing + values[1].astype(np.uint64) * rest) >> bits) & low
    removed = np.minimum(estimate, signal)
    least = ((given * np.uint64(options.min_signal_remaining & narrow)) >> bits) & low
    left = np.maximum((signal - removed) >> up, least).astype(np.uint32)
    noise = (removed if options.clamping else estimate).astype(np.uint32)
    return left, noise, noise


def calls(node: Node) -> tuple[Call, ...]:
    options = node.options
    params = Params(
        "fw_signal_subtraction_params",
        (
            ("channels", options.num_channels),
            ("smoothing", (options.smoothing, options.alternate_smoothing)),
            (
                "one_minus_smoothing",
                (options.one_minus_smoothing, options.alternate_one_minus_smoothing),
            ),
            ("least", options.min_signal_remaining),
            ("smoothing_bits", options.smoothing_bits),
            ("bits", options.spectral_subtraction_bits),
            ("clamping", int(bool(options.clamping))),
        ),
    )
    output, shown, kept = (Ref(tensor.index) for tensor in node.ys)
    size = node.ys[2].bytes
    return (
        Call("fw_copy", (Ref(node.w.index), kept, size)),
        Call(
            "fw_signal_filter_bank_spectral_subtraction_u32",
            (params, Ref(node.x.index), output, kept),
        ),
        Call("fw_copy", (kept, shown, size)),
    )


KERNEL = "signal_filter_bank_spectral_subtraction_u32"
FORMS = one_form(calls, lambda node: 45.0 * node.x.elements)
OPERATOR = with_state(
    signal_operator(KERNEL, (Element.U32, Element.U32), read_options, check, fold, FORMS), memory
)
