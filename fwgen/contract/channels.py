"""The channels (last axis) of an op: the facts that an op states so that passes can drop dead
ones.

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
from fwgen.model.graph import Tensor

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
    """The reach of a tensor of which nothing is known.

    A float tensor gets that of an integer, as no op reads its reach.
    """
    channels, element = channels_of(tensor), tensor.dtype
    low, high = (element if element.is_integer else Element.S64).limits
    return Reach(np.full(channels, low), np.full(channels, high))


@dataclass(frozen=True)
class ChannelRule:
    """What an op says about its channels.

    ``reach`` bounds the output's channels by those of the inputs. ``needs`` is None for a
    channelwise op. For a mixing op it says which channels of input 0 the kept outputs depend on,
    given the input's reach. A channel that is constant is not needed if ``shrink`` can fold it.
    ``shrink`` gives the constant operands, by position, for the kept channels of input 0 and of the
    output. ``touched`` says which channels of both have a weight other than 0.
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
