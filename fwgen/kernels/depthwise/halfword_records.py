"""Records of channels for depthwise kernels of the DSP extension: ``dsp_depthwise.h``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.kernels.dsp import one_shift
from fwgen.model.fixed_point import requantize
from fwgen.ops.parts import weights
from fwgen.ops.parts.reach import bias_of

SUM_BITS = 2
"""The kernels have 2**SUM_BITS times a sum, but for those with one shift for all channels."""

SUM_LIMIT = 1 << 29
"""A sum is in [-SUM_LIMIT, SUM_LIMIT)."""

LEAST_SHIFT, MOST_SHIFT = 1, 22
"""Below the least there is nothing to round; beyond the most the addend of a sum leaves 32 bits."""

ALIKE = 12
"""The shift of kernels that have the same for all channels: ``dsp_depthwise.h``."""

ALIKE_EXPONENTS = range(ALIKE - 7, ALIKE)
"""``Channels.right`` with which scaled weights are halfwords, and the addend is whole there."""

CONSTANT = 8
"""``Channels.right`` of a channel with one output; any would do that all kernels have."""

Words = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Channels:
    """What the kernels compute: ``taps`` are (channels, h, w), the others (channels,).

    ``bias`` includes the input's zero point. ``right`` is how far a product is shifted right. Sums
    are from ``low`` to ``high``.
    """

    taps: Int64Array
    bias: Int64Array
    multiplier: Int64Array
    right: Int64Array
    low: Int64Array
    high: Int64Array

    @property
    def alike(self) -> bool:
        """Whether scaled weights and sums fit where the shift is ``ALIKE`` for all channels."""
        if not np.isin(self.right, ALIKE_EXPONENTS).all():
            return False
        limit = np.int64(1) << (31 - ALIKE - 1 + self.right)
        return bool(np.all((self.low >= -limit) & (self.high < limit)))


def channels_of(node: Node) -> Channels | None:
    """The channels, None if sums or scales of one are such as the kernels do not compute exactly.

    A channel with one output for all inputs has no taps. Its bias becomes 2^(CONSTANT + 1) times
    (output - zero point), with the scale 2^-(CONSTANT + 1).
    """
    w = node.w
    channels = w.shape[3]
    taps = np.moveaxis(w.constant.astype(np.int64)[0], 2, 0).copy()
    flat = taps.reshape(channels, -1)
    found, shift = weights.multipliers(node.x, w, node.y, channels)
    multiplier, right = found.astype(np.int64), -shift.astype(np.int64)
    bias = bias_of(node, channels) - node.x.zero_point * flat.sum(axis=1)
    low = bias + np.minimum(-128 * flat, 127 * flat).sum(axis=1)
    high = bias + np.maximum(-128 * flat, 127 * flat).sum(axis=1)
    fits = (low >= -SUM_LIMIT) & (high < SUM_LIMIT) & (right >= LEAST_SHIFT) & (right <= MOST_SHIFT)
    for channel in np.flatnonzero(~fits):
        output = _only_output(
            node, (low[channel], high[channel]), int(multiplier[channel]), int(shift[channel])
        )
        if output is None:
            return None
        taps[channel], bias[channel] = 0, (output - node.y.zero_point) << (CONSTANT + 1)
        low[channel] = high[channel] = bias[channel]
        multiplier[channel], right[channel] = 1 << 30, CONSTANT
    return Channels(taps, bias, multiplier, right, low, high)


def _only_output(
    node: Node, sums: tuple[np.int64, np.int64], multiplier: int, shift: int
) -> int | None:
    """The output of a channel whose sums are from the first to the second, None if it has several.

    Outputs never fall as the sum rises. With the multiplier 0 any sum becomes the zero point.
    """
    if multiplier == 0:
        return node.y.zero_point
    outputs = requantize(np.array(sums, np.int64), multiplier, shift) + node.y.zero_point
    low, high = np.clip(outputs, -128, 127)
    return int(low) if low == high else None


def factors_of(channels: Channels, alike: bool) -> Int64Array:
    """What weights and sums are multiplied by, (channels,)."""
    return np.int64(1) << _bits(channels, alike)


def _bits(channels: Channels, alike: bool) -> Int64Array:
    return ALIKE + 1 - channels.right if alike else np.full_like(channels.right, SUM_BITS)


def scale_of(channels: Channels, zero_point: int, alike: bool) -> Words:
    """Multiplier, addend, shift and the scaled bias, (channels, 4).

    ``zero_point`` is the output's.
    """
    bits, e = _bits(channels, alike), channels.right
    shift, addend = one_shift.right(bits, e), one_shift.addend(bits, e, zero_point)
    return _wrapped(np.stack([channels.multiplier, addend, shift, channels.bias << bits], axis=1))


def lines_of(taps: Int64Array) -> Words:
    """W01 and W12 of each of 3 lines, (channels, 6), of scaled weights up to 3 x 3.

    ``taps`` are (channels, across, along).
    """
    channels, across, along = taps.shape
    padded = np.zeros((channels, 3, 3), np.int64)
    padded[:, :across, :along] = taps
    return _pairs(padded[:, :, :2], padded[:, :, 1:]).reshape(channels, -1)


def bytes_of(channels: Channels, taps: Int64Array, zero_point: int, alike: bool) -> Words:
    """Multiplier, scaled bias and 3 lines of weights up to 3 x 3, (channels, 5).

    ``taps`` are the channels' weights, (channels, across, along), and ``zero_point`` is the
    output's. Kernels scale weights themselves, and make the shift and the addend of what is in the
    lines' highest bytes.
    """
    count, across, along = taps.shape
    lines = np.zeros((count, 3, 4), np.int64)
    lines[:, :across, :along] = taps
    lines[:, :, :3] += 128
    bits = _bits(channels, alike)
    lines[:, 0, 3] = bits if alike else channels.right
    lines[:, 1, 3] = zero_point & 0xFF
    packed = (lines << np.array([0, 8, 16, 24])).sum(axis=2)
    head = np.stack([channels.multiplier, channels.bias << bits], axis=1)
    return _wrapped(np.concatenate([head, packed], axis=1))


def words_of(taps: Int64Array, words: int, stride: int, dilation: int) -> Words:
    """Weights of any window, (channels, across * words * 2): for outputs at even and odd inputs.

    ``taps`` are scaled weights, (channels, across, along); ``stride`` and ``dilation`` are along.
    """
    channels, across, along = taps.shape
    span = (along - 1) * dilation + 1
    found = []
    for odd in (0, stride % 2):
        placed = np.zeros((channels, across, 2 * words), np.int64)
        placed[:, :, odd : odd + span : dilation] = taps
        found.append(_pairs(placed[:, :, 0::2], placed[:, :, 1::2]))
    return np.stack(found, axis=-1).reshape(channels, -1)


def halfwords(weights: Int64Array) -> Words:
    """(channels, any) one after the other, two in a word."""
    even = np.pad(weights, ((0, 0), (0, weights.shape[1] % 2)))
    return _pairs(even[:, 0::2], even[:, 1::2])


def words_in(span: int, stride: int) -> int:
    """Words of two inputs in which a line of windows of ``span`` inputs lies, at odd ones too."""
    return (span + stride % 2 + 1) // 2


def _pairs(low: Int64Array, high: Int64Array) -> Words:
    """Halfwords of words."""
    return _wrapped(low & 0xFFFF | (high & 0xFFFF) << 16)


def _wrapped(values: Int64Array) -> Words:
    """Modulo 2^32, as int32."""
    return (values & 0xFFFF_FFFF).astype(np.uint32).view(np.int32)
