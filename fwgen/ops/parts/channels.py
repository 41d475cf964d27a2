"""How ops carry channels (the last axis): what an op states so that passes can drop dead ones.

A channel of a tensor is all that has one index along its last axis. An op is either channelwise
(what it writes into channel c depends on channel c of its inputs alone) or mixing, as convolutions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.model.element import Element
from fwgen.model.fixed_point import requantize
from fwgen.model.graph import Tensor
from fwgen.ops.parts import checks, weights
from fwgen.ops.parts.checks import Activation
from fwgen.ops.parts.windows import WindowOptions, windows

Mask = npt.NDArray[np.bool_]
"""One flag per channel."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Reach:
    """Least and greatest value of each channel over all inputs of the model, both (C,)."""

    low: Ints
    high: Ints

    @property
    def constant(self) -> Mask:
        """Whether a channel is the same whatever the input."""
        return np.equal(self.low, self.high)


def channels_of(tensor: Tensor) -> int:
    """How many channels a tensor has; a scalar has one."""
    return tensor.shape[-1] if tensor.shape else 1


def full_reach(tensor: Tensor) -> Reach:
    """All that a tensor can hold; what is no integer counts as one, as no op reads its reach."""
    channels, element = channels_of(tensor), tensor.dtype
    low, high = (element if element.is_integer else Element.S64).limits
    return Reach(np.full(channels, low), np.full(channels, high))


@dataclass(frozen=True)
class ChannelRule:
    """What an op says about its channels.

    ``reach`` bounds the output's channels by those of the inputs. ``needs`` is None for a
    channelwise op; for a mixing one it says which channels of input 0 the kept outputs depend on,
    given the input's reach: one that is constant, and that ``shrink`` can fold, is not needed.
    ``shrink`` gives the constant operands, by position, for the kept channels of input 0 and of
    the output. ``touched`` says which channels of both have a weight other than 0.
    """

    reach: Callable[[Node, Sequence[Reach]], Reach]
    needs: Callable[[Node, Reach, Mask], Mask] | None
    shrink: Callable[[Node, Reach, Mask, Mask], Mapping[int, npt.NDArray[np.generic]]]
    touched: Callable[[Node], tuple[Mask, Mask]]


def _shrink_nothing(
    node: Node, reach: Reach, inputs: Mask, outputs: Mask
) -> Mapping[int, npt.NDArray[np.generic]]:
    return {}


def _no_weights(node: Node) -> tuple[Mask, Mask]:
    channels = channels_of(node.y)
    return np.zeros(channels, bool), np.zeros(channels, bool)


def channelwise(reach: Callable[[Node, Sequence[Reach]], Reach]) -> ChannelRule:
    """The rule of a channelwise op without weights."""
    return ChannelRule(reach, None, _shrink_nothing, _no_weights)


def same_reach(node: Node, inputs: Sequence[Reach]) -> Reach:
    """The reach of an op that moves values, or takes means or maxima of them, without a clamp."""
    return inputs[0]


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
    bounds = [requantize(sums, multiplier, shift) + y.zero_point for sums in (low, high)]
    # a left shift may wrap at 32 bits, and then nothing is known
    wraps = np.maximum(np.abs(low), np.abs(high)) << np.maximum(shift, 0) >= 1 << 31
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
