"""Channel rules of the ops that have weights: convolutions and FULLY_CONNECTED."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from fwgen.contract.channels import ChannelRule, Ints, Mask, Reach
from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.ops.parts import weights as of_weights
from fwgen.ops.parts.reach import bias_of, outside_taps, sums_reach
from fwgen.ops.parts.windows import WindowOptions

MOST_PRODUCTS = 1 << 18
"""Products of weights that are in memory at once."""


def _sums(weights: Array, ever: Mask, given: Reach, zero_point: int) -> Ints:
    """(2, outputs): the least and the greatest sum of products of weights and inputs."""
    values = weights.astype(np.int64)
    products = np.stack((values * (given.low - zero_point), values * (given.high - zero_point)))
    low, high = products.min(axis=0), products.max(axis=0)
    low[:, ever] = np.minimum(low[:, ever], 0)
    high[:, ever] = np.maximum(high[:, ever], 0)
    return np.stack((low.sum(axis=(1, 2)), high.sum(axis=(1, 2))))


def mixing_rule(activation: int, outside: Callable[[Node], Mask]) -> ChannelRule:
    """The rule of an op whose weights are (outputs, ..., inputs).

    ``outside`` flags each tap, an element of the axes between, that may lie outside the input.
    """

    def taps(node: Node) -> tuple[Array, Mask]:
        w = node.w
        values = w.constant.reshape(w.shape[0], -1, w.shape[-1])
        return values, outside(node).reshape(-1)

    def reach(node: Node, inputs: Sequence[Reach]) -> Reach:
        values, ever = taps(node)
        zero_point = node.x.zero_point
        outputs = max(1, MOST_PRODUCTS // values[0].size)
        sums = [
            _sums(values[at : at + outputs], ever, inputs[0], zero_point)
            for at in range(0, len(values), outputs)
        ]
        low, high = np.concatenate(sums, axis=1) + bias_of(node, len(values))
        return sums_reach(node, low, high, activation)

    def foldable(node: Node, given: Reach) -> Mask:
        """Constant input channels that add the same to every output position."""
        _, ever = taps(node)
        if not ever.any():
            return given.constant
        neutral: Mask = given.low == node.x.zero_point
        return given.constant & neutral

    def needs(node: Node, given: Reach, outputs: Mask) -> Mask:
        values, _ = taps(node)
        used: Mask = (values[outputs] != 0).any(axis=(0, 1))
        return used & ~foldable(node, given)

    def shrink(
        node: Node, given: Reach, inputs: Mask, outputs: Mask
    ) -> Mapping[int, npt.NDArray[np.generic]]:
        values, _ = taps(node)
        w, bias = node.w, bias_of(node, values.shape[0])
        folded = ~inputs & foldable(node, given)
        offsets = given.low[folded] - node.x.zero_point
        bias = bias + (values[:, :, folded].sum(axis=1, dtype=np.int64) * offsets).sum(axis=1)
        changed: dict[int, npt.NDArray[np.generic]] = {1: w.constant[outputs][..., inputs]}
        if node.operand(2) is not None or bias.any():
            changed[2] = bias[outputs].astype(of_weights.accumulator(node).numpy)
        return changed

    def touched(node: Node) -> tuple[Mask, Mask]:
        values, _ = taps(node)
        return (values != 0).any(axis=(0, 1)), (values != 0).any(axis=(1, 2))

    return ChannelRule(reach, needs, shrink, touched)


def depthwise_rule(options: WindowOptions) -> ChannelRule:
    """The rule of a depthwise convolution, whose weights are (1, kernel_h, kernel_w, channels)."""

    def reach(node: Node, inputs: Sequence[Reach]) -> Reach:
        x, w = node.x, node.w
        values = w.constant.astype(np.int64).reshape(-1, w.shape[-1])
        ever = outside_taps(x, (w.shape[1], w.shape[2]), options).reshape(-1)
        products = np.stack(
            (values * (inputs[0].low - x.zero_point), values * (inputs[0].high - x.zero_point))
        )
        low, high = products.min(axis=0), products.max(axis=0)
        low[ever] = np.minimum(low[ever], 0)
        high[ever] = np.maximum(high[ever], 0)
        bias = bias_of(node, values.shape[1])
        sums = (low.sum(axis=0) + bias, high.sum(axis=0) + bias)
        return sums_reach(node, *sums, options.activation)

    def shrink(
        node: Node, given: Reach, inputs: Mask, outputs: Mask
    ) -> Mapping[int, npt.NDArray[np.generic]]:
        bias = node.operand(2)
        changed: dict[int, npt.NDArray[np.generic]] = {1: node.w.constant[..., outputs]}
        if bias is not None:
            changed[2] = bias.constant.reshape(-1)[outputs]
        return changed

    def touched(node: Node) -> tuple[Mask, Mask]:
        w = node.w
        used: Mask = (w.constant.reshape(-1, w.shape[-1]) != 0).any(axis=0)
        return used, used

    return ChannelRule(reach, None, shrink, touched)
