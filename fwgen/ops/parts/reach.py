"""The reach of channels through ops that rename, clamp or add up: parts of channel rules."""

from __future__ import annotations

import numpy as np

from fwgen.contract.channels import ChannelRule, Ints, Mask, Reach, channelwise, same_reach
from fwgen.contract.node import Node
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks, weights
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.windows import WindowOptions, windows


def clamped(reach: Reach, activation: int, output: Tensor) -> Reach:
    """What a fused activation leaves of a reach."""
    low, high = checks.activation_range(Activation(activation), output)
    return Reach(np.clip(reach.low, low, high), np.clip(reach.high, low, high))


def renamed(node: Node) -> ChannelRule | None:
    """The rule of RESHAPE and its kin, where the last axis stays."""
    x, y = node.x, node.y
    if x.shape and y.shape and x.shape[-1] == y.shape[-1]:
        return channelwise(same_reach)
    return None


def sums_reach(node: Node, low: Ints, high: Ints, activation: int) -> Reach:
    """The output's reach from the reach of each channel's sum, bias included."""
    x, w, y = node.x, node.w, node.y
    multiplier, shift = (each.astype(np.int64) for each in weights.multipliers(x, w, y, len(low)))
    rescale = weights.accumulator(node).rescale
    bounds = [rescale(sums, multiplier, shift) + y.zero_point for sums in (low, high)]
    # what does not fit 32 bits may wrap, and then nothing is known
    largest = np.maximum(np.abs(low), np.abs(high))
    least_shift = np.where(largest <= checks.INT32_MAX, np.maximum(shift, 0), shift)
    wraps = (largest * np.exp2(least_shift) > checks.INT32_MAX) & (multiplier != 0)
    least, most = checks.activation_range(Activation(activation), y)
    return Reach(
        np.where(wraps, least, np.clip(bounds[0], least, most)),
        np.where(wraps, most, np.clip(bounds[1], least, most)),
    )


def outside_taps(x: Tensor, kernel: tuple[int, int], options: WindowOptions) -> Mask:
    """(kernel_h, kernel_w): whether a tap ever lies outside the input, where it adds nothing."""
    rows, columns = windows(x, kernel, options)
    axes = (
        (x.shape[1], kernel[0], options.stride_h, options.dilation_h, rows),
        (x.shape[2], kernel[1], options.stride_w, options.dilation_w, columns),
    )
    ever = []
    for extent, size, stride, dilation, window in axes:
        first = np.arange(size) * dilation - window.before
        last = first + (window.size - 1) * stride
        ever.append((first < 0) | (last >= extent))
    return ever[0][:, None] | ever[1][None, :]


def bias_of(node: Node, channels: int) -> Ints:
    """The bias, zeros where the op has none."""
    bias = node.operand(2)
    if bias is None:
        return np.zeros(channels, dtype=np.int64)
    return bias.constant.astype(np.int64).reshape(-1)
