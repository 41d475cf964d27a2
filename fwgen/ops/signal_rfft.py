"""SIGNAL_RFFT: the spectrum of frames of samples, in 16 bits, as TFLM's ``SignalRfft``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref, Scratch
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.contract.operator import Array, Fields
from fwgen.model.element import S16_ALL, Element
from fwgen.model.short_fourier import halves, order, radices, real_spectrum, roots
from fwgen.ops.parts import checks
from fwgen.ops.parts.signal import integers, require_counts, signal_operator

MOST_LENGTH = 1 << 15
"""Of a frame, so that places in it are numbers of 16 bits."""


@dataclass(frozen=True)
class Options:
    """The number of the element type in the schema, and the length of a frame."""

    type: int
    length: int


def read_options(fields: Fields) -> Options:
    return Options(*integers(fields, "T", "fft_length"))


def check(node: Node) -> None:
    require_counts(node, 1, 1)
    x, length = node.x, node.options.length
    node.require(
        node.options.type == Element.S16.code,
        f"The option T is {node.options.type}, expected {Element.S16.code}, which is int16.",
    )
    node.require(
        4 <= length <= MOST_LENGTH and length & (length - 1) == 0,
        f"The frames have {length} samples, expected a power of 2 from 4 to {MOST_LENGTH}.",
        ("a longer frame, as missing samples count as 0",),
    )
    node.require(
        len(x.shape) > 0 and x.shape[-1] <= length,
        f"Tensor {x.index} has shape {list(x.shape)}, expected at most {length} samples in a row.",
    )
    checks.require_shape(node, node.y, (*x.shape[:-1], length + 2))


def fold(node: Node, values: Sequence[Array]) -> Array:
    x, length = values[0], node.options.length
    frames = np.zeros((x.size // x.shape[-1], length), np.int64)
    frames[:, : x.shape[-1]] = x.reshape(len(frames), -1)
    return real_spectrum(frames).astype(node.y.dtype.numpy).reshape(node.y.shape)


def forms(node: Node) -> tuple[Form, ...]:
    points, samples = node.options.length // 2, node.x.shape[-1]
    rows = node.x.elements // samples
    fields = (("rows", rows), ("samples", samples), ("points", points))
    call = Call(
        "fw_signal_rfft_s16",
        (
            Params("fw_signal_rfft_params", fields),
            Ref(node.x.index),
            Constant("order", order(points).astype(np.uint16)),
            Constant("roots", roots(points).astype(np.int16)),
            Constant("halves", halves(points).astype(np.int16)),
            Ref(node.y.index),
            Scratch(0, Element.S16),
        ),
    )
    cycles = rows * points * (60.0 * len(radices(points)) + 80.0)
    return (Form((call,), cycles, scratch_bytes=2 * points * Element.S16.bytes),)


OPERATOR = signal_operator("signal_rfft_s16", S16_ALL, read_options, check, fold, forms)
