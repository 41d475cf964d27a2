"""Records of channels for depthwise kernels of Armv6-M: ``depthwise_words_s8_v6m.h``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.kernels.v6m.scales import Scale, Sums, scales_of
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.reach import bias_of

THREE = 3
"""Taps of a window's line at a time."""

Int64Array = npt.NDArray[np.int64]
Threes = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class WordChannels:
    """What the kernels compute: ``taps`` are (channels, h, w), ``bias`` is (channels,).

    The bias includes the input's zero point, and not yet what the ``scales`` begin with.
    """

    taps: Int64Array
    bias: Int64Array
    scales: tuple[Scale, ...]

    @property
    def bent(self) -> bool:
        """Whether some outputs are negative ones of the reference, whose halves round down."""
        return any(scale.bend for scale in self.scales)


def channels_of(node: Node) -> WordChannels | None:
    """The channels, None if one of them has no such scale."""
    w = node.w
    taps = np.moveaxis(w.constant.astype(np.int64)[0], 2, 0)
    flat = taps.reshape(w.shape[3], -1)
    bias = bias_of(node, len(flat)) - node.x.zero_point * flat.sum(axis=1)
    low = bias + np.minimum(-128 * flat, 127 * flat).sum(axis=1)
    high = bias + np.maximum(-128 * flat, 127 * flat).sum(axis=1)
    multiplier, shift = weights.multipliers(node.x, w, node.y, len(flat))
    ranges = zip(low.tolist(), high.tolist(), multiplier.tolist(), shift.tolist(), strict=True)
    scales = scales_of((Sums(*one) for one in ranges), node.y.zero_point, clamp_of(node))
    # a multiplier of 0 takes any sum, also one that wraps
    bias[multiplier == 0] = 0
    return None if scales is None else WordChannels(taps, bias, scales)


def threes_of(across: int, along: int, dilation: int) -> Threes:
    """(line, tap) of the first tap of each three of a window; one tap each where they are apart."""
    step = THREE if dilation == 1 else 1
    return tuple((i, k) for i in range(across) for k in range(0, along, step))


def records_of(channels: WordChannels, upright: bool, threes: Threes) -> npt.NDArray[np.int32]:
    """The record of each channel, (channels, words); lines are columns if ``upright``."""
    taps = channels.taps.swapaxes(1, 2) if upright else channels.taps
    ones = len(threes) == taps.shape[1] * taps.shape[2]
    padded = np.pad(taps, ((0, 0), (0, 0), (0, THREE)))
    if ones:  # no other tap goes with it
        padded[:, :, 1:] = 0
        found = np.zeros((len(taps), len(threes), THREE), np.int8)
        found[:, :, 0] = taps.reshape(len(taps), -1)
    else:
        parts = [padded[:, i, k : k + THREE] for i, k in threes]
        found = np.stack(parts, axis=1).astype(np.int8)
    flat = found.reshape(len(taps), -1)
    words = np.ascontiguousarray(np.pad(flat, ((0, 0), (0, -flat.shape[1] % 4)))).view("<i4")
    start = np.array([scale.start for scale in channels.scales], np.int64)
    members = 6 if channels.bent else 4
    scales = np.array([scale.words[:members] for scale in channels.scales], np.int64)
    head = np.concatenate([(channels.bias - start)[:, None], scales], axis=1)
    wrapped = (head & 0xFFFF_FFFF).astype(np.uint32).view(np.int32)
    return np.concatenate([wrapped, words.astype(np.int32)], axis=1)
