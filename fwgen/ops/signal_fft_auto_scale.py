"""SIGNAL_FFT_AUTO_SCALE: samples shifted to the left as far as they go, and how far that was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fwgen.contract.call import Arg
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, no_options
from fwgen.model.element import Element
from fwgen.ops.parts import checks
from fwgen.ops.parts.signal import (
    forms_of,
    refs,
    require_counts,
    require_vector,
    signal_operator,
)

BITS = Element.S16.bytes * 8 - 1


def check(node: Node) -> None:
    require_counts(node, 1, 2)
    scaled, bits = node.ys
    require_vector(node, node.x)
    checks.require_shape(node, scaled, node.x.shape)
    checks.require_shape(node, bits, ())
    for tensor, element in ((scaled, Element.S16), (bits, Element.S32)):
        node.require(
            tensor.dtype is element,
            f"Output tensor {tensor.index} is {tensor.dtype.word}, expected {element.word}.",
        )


def greatest(samples: Array) -> int:
    """The greatest magnitude, which TFLM keeps as int16: that of -32768 wraps to -32768, and then
    the next sample is the greatest.

    Source: TFLM ``signal/src/max_abs.cc``.
    """
    wraps = np.flatnonzero(samples == Element.S16.low)
    if not len(wraps):
        return int(np.abs(samples.astype(np.int64)).max())
    rest = samples[wraps[-1] + 1 :].astype(np.int64)
    if not len(rest):
        return Element.S16.low
    return int(max(rest[0], np.abs(rest[1:]).max(initial=-(1 << BITS))))


def fold(node: Node, values: Sequence[Array]) -> tuple[Array, ...]:
    """Source: TFLM ``signal/src/fft_auto_scale.cc``."""
    most = greatest(values[0])
    bits = BITS - most.bit_length() if most > 0 else 0
    scaled = values[0].astype(np.int64) << bits
    return scaled.astype(node.y.dtype.numpy), np.array(bits, np.int32)


def arguments(node: Node) -> tuple[Arg, ...]:
    return (*refs((node.x, *node.ys)), node.x.elements)


OPERATOR = signal_operator(
    "signal_fft_auto_scale_s16",
    (Element.S16, None),
    no_options,
    check,
    fold,
    forms_of("signal_fft_auto_scale_s16", arguments, 12.0),
)
