"""The packing of weights for products of three pixels in two words, for Armv6-M:
``v6m_thirds.h``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Constant
from fwgen.contract.node import Node
from fwgen.kernels.matrix.lesser_shifts import reach
from fwgen.kernels.matrix.packing import matrix_of, scaling_of
from fwgen.kernels.matrix.paired_bytes import wrapped
from fwgen.kernels.v6m.scales import LOW_BITS, Scale, Sums, scales_of
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import clamp_of

FIELD = 1 << 20
"""What a word holds of a pixel is in [-FIELD, FIELD)."""

WORD = 4
"""Weights in a word."""

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Thirds:
    """The matrix of an op with its biases and scales.

    ``part`` is how many columns have room for their sums, and divides them; 0 if all have.
    """

    matrix: npt.NDArray[np.int8]
    bias: Int64Array
    scales: tuple[Scale, ...]
    part: int

    @property
    def columns(self) -> int:
        """Inputs of a pixel, rounded up."""
        return int(self.matrix.shape[1])

    @property
    def parts(self) -> int:
        return self.columns // self.part if self.part else 1

    @property
    def kind(self) -> str:
        """Which of the kernels: for parts, for outputs whose rounding does not show, or for any."""
        if self.part:
            return "_parts"
        return "" if any(scale.bend for scale in self.scales) else "_relu"

    def scale_words(self, scale: Scale) -> list[int]:
        """Those that the kernels of the ``kind`` load."""
        return scale_words(scale)[: 3 if self.kind == "_relu" else 5]


def scales_for(node: Node) -> tuple[Scale, ...] | None:
    """The scale of each channel, None if one has none."""
    scaling = scaling_of(node)
    low, high = reach(matrix_of(node), scaling)
    channels = zip(low, high, scaling.multiplier, scaling.shift, strict=True)
    sums = (Sums(*map(int, channel)) for channel in channels)
    return scales_of(sums, node.y.zero_point, clamp_of(node))


def thirds_of(node: Node) -> Thirds | None:
    """How the kernels take the op; None if they have no scale for a channel."""
    scales = scales_for(node)
    if scales is None:
        return None
    matrix = matrix_of(node)
    moved = scaling_of(node).bias - np.array([scale.start for scale in scales])
    # sums do not matter where there is one output
    bias = np.where([scale.most > 0 for scale in scales], moved, 0)
    part, columns = _division(matrix, bias)
    padded = np.pad(matrix, ((0, 0), (0, columns - matrix.shape[1])))
    return Thirds(padded, bias, scales, part)


def _division(matrix: npt.NDArray[np.int8], bias: Int64Array) -> tuple[int, int]:
    """``Thirds.part``, as large as sums of any inputs allow, and all columns. The bias needs room
    only where these are not divided."""
    wide = matrix.astype(np.int64)
    least, most = np.minimum(-128 * wide, 127 * wide), np.maximum(-128 * wide, 127 * wide)
    low, high = bias + least.sum(axis=1), bias + most.sum(axis=1)
    words = -(-matrix.shape[1] // WORD)
    if low.min() >= -FIELD and high.max() < FIELD:
        return 0, WORD * words
    parts = 0
    while low.min() < -FIELD or high.max() >= FIELD or not parts:
        parts += 1
        part = WORD * -(-words // parts)
        first = np.arange(0, matrix.shape[1], part)
        low = np.add.reduceat(least, first, axis=1)
        high = np.add.reduceat(most, first, axis=1)
    return part, part * len(first)


def pack(node: Node, thirds: Thirds) -> Constant:
    """Bias, weights and scale of one channel after the other."""
    words = np.ascontiguousarray(thirds.matrix).view("<i4").astype(np.int64)
    ends = [thirds.scale_words(scale) for scale in thirds.scales]
    stream = np.concatenate([thirds.bias[:, None], words, np.array(ends, np.int64)], axis=1)
    return Constant("weights", wrapped(stream), "v6m_thirds.h", weights.weights_and_bias(node))


def pack_pairs(node: Node, thirds: Thirds) -> Constant:
    """Biases, weights and scales of one pair of channels after the other."""
    odd = len(thirds.matrix) % 2
    values = np.pad(thirds.matrix, ((0, odd), (0, 0)))
    # pair, channel, input -> pair, input, channel
    bytes_ = np.ascontiguousarray(values.reshape(-1, 2, thirds.columns).swapaxes(1, 2))
    words = bytes_.reshape(len(bytes_), -1).view("<i4").astype(np.int64)
    bias = np.pad(thirds.bias, (0, odd)).reshape(-1, 2)
    ends = np.array([thirds.scale_words(scale) for scale in thirds.scales], np.int64)
    scales = np.pad(ends, ((0, odd), (0, 0))).reshape(len(words), -1)
    stream = np.concatenate([bias, words, scales], axis=1)
    header = "v7m_third_pairs.h"
    return Constant("weights", wrapped(stream), header, weights.weights_and_bias(node))


def scale_words(scale: Scale) -> list[int]:
    """As kernels load them: the last two matter where there are negative sums."""
    factor = [scale.addend, scale.high, scale.most << LOW_BITS | scale.low]
    return [*factor, scale.bend, scale.below - scale.addend]
