"""The sums of ops that add up many elements: their meaning in NumPy, exactly the results of the
core's kernels.

Sums of products are in doubles, so that BLAS does the work. The operators' checks make sure that no
sum needs more than 32 bits. Each function takes the op with its options and the values of all its
inputs, None for one that is absent. It returns the output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.fixed_point import (
    Int64Array,
    doubling_high_multiply,
    reciprocal_of_one_plus,
    requantize,
    rounding_shift_right,
)
from fwgen.model.graph import Tensor
from fwgen.ops.parts import pooling, reduction, weights
from fwgen.ops.parts.checks import Activation, activation_range
from fwgen.ops.parts.exponentials import exponentials
from fwgen.ops.parts.windows import WindowOptions, windows

Values = Sequence[Array | None]
Floats = npt.NDArray[np.float64]

_SUM_BITS = 12
"""Integer bits of SOFTMAX's sum of exponentials."""


def _given(values: Values, place: int) -> Array:
    value = values[place]
    assert value is not None
    return value


def _above_zero(node: Node, values: Values) -> Floats:
    """Input 0 less its zero point."""
    return _given(values, 0).astype(np.float64) - node.x.zero_point


def _finished(node: Node, values: Values, sums: Array, channels: int, activation: int) -> Array:
    """Sums with their bias (operand 2), scaled channel by channel, clamped."""
    x, w, y = node.x, node.w, node.y
    total = sums.astype(np.int64)
    if len(values) > 2 and values[2] is not None:
        total += _given(values, 2).astype(np.int64).reshape(-1)
    multipliers, shifts = weights.multipliers(x, w, y, channels)
    factors = multipliers.astype(np.int64), shifts.astype(np.int64)
    found = x.dtype.accumulator.rescale(total, *factors)
    return _clamped(found + y.zero_point, y, activation)


def _clamped(values: Int64Array, y: Tensor, activation: int) -> Array:
    low, high = activation_range(Activation(activation), y)
    return np.clip(values, low, high).astype(y.dtype.numpy).reshape(y.shape)


class _Taps:
    """The input that each tap of a sliding window sees: (batch, rows, columns, channels)."""

    def __init__(
        self, x: Array, y: Tensor, given: Tensor, kernel: tuple[int, int], options: WindowOptions
    ) -> None:
        rows, columns = windows(given, kernel, options)
        self._size = y.shape[1:3]
        self._strides = options.stride_h, options.stride_w
        self._dilation = options.dilation_h, options.dilation_w
        # no tap is beyond what the last window needs, whose rest is filled up
        needed = [
            (n - 1) * stride + (k - 1) * dilation + 1 - before - extent
            for n, stride, k, dilation, before, extent in zip(
                self._size,
                self._strides,
                kernel,
                self._dilation,
                (rows.before, columns.before),
                given.shape[1:3],
                strict=True,
            )
        ]
        self._pads = (
            (0, 0),
            (rows.before, max(0, needed[0])),
            (columns.before, max(0, needed[1])),
            (0, 0),
        )
        self._x = x

    def filled(self, value: float) -> _Taps:
        """The same with ``value`` where a window is beyond the input."""
        self._x = np.pad(self._x, self._pads, constant_values=value)
        return self

    def seen(self, ky: int, kx: int) -> Any:
        """By the tap in row ``ky`` and column ``kx`` of the window."""
        parts = [slice(None)]
        for tap, dilation, stride, count in zip(
            (ky, kx), self._dilation, self._strides, self._size, strict=True
        ):
            first = tap * dilation
            parts.append(slice(first, first + (count - 1) * stride + 1, stride))
        return self._x[tuple(parts)]


def convolution(node: Node, values: Values) -> Array:
    """CONV_2D, in groups where filters see a part of the channels."""
    x, w, y = node.x, _given(values, 1).astype(np.float64), node.y
    options, kernel = node.options, (w.shape[1], w.shape[2])
    taps = _Taps(_above_zero(node, values), y, x, kernel, options).filled(0)
    depth = w.shape[3]
    groups = x.shape[3] // depth
    each = w.shape[0] // groups
    sums = np.zeros(y.shape)
    for ky in range(kernel[0]):
        for kx in range(kernel[1]):
            seen = taps.seen(ky, kx)
            for g in range(groups):
                filters = w[g * each : (g + 1) * each, ky, kx].T
                part = seen[..., g * depth : (g + 1) * depth] @ filters
                sums[..., g * each : (g + 1) * each] += part
    return _finished(node, values, sums, w.shape[0], options.activation)


def depthwise(node: Node, values: Values) -> Array:
    """DEPTHWISE_CONV_2D."""
    x, w, y = node.x, _given(values, 1).astype(np.float64), node.y
    options, kernel = node.options, (w.shape[1], w.shape[2])
    taps = _Taps(_above_zero(node, values), y, x, kernel, options).filled(0)
    sums = np.zeros(y.shape)
    for ky in range(kernel[0]):
        for kx in range(kernel[1]):
            seen = taps.seen(ky, kx)
            if options.depth_multiplier > 1:
                seen = seen.repeat(options.depth_multiplier, axis=3)
            sums += seen * w[0, ky, kx]
    return _finished(node, values, sums, w.shape[3], options.activation)


def dense(node: Node, values: Values) -> Array:
    """FULLY_CONNECTED."""
    w = _given(values, 1).astype(np.float64)
    rows = _above_zero(node, values).reshape(-1, w.shape[1])
    activation = node.options.activation
    return _finished(node, values, rows @ w.T, w.shape[0], activation)


def average(node: Node, values: Values) -> Array:
    """AVERAGE_POOL_2D: halves away from zero."""
    x, y, options = node.x, node.y, node.options
    kernel = pooling.kernel_of(node)
    inside = np.ones((1, *x.shape[1:3], 1), np.int64)
    taps = _Taps(_given(values, 0).astype(np.int64), y, x, kernel, options).filled(0)
    there = _Taps(inside, y, x, kernel, options).filled(0)
    places = [(ky, kx) for ky in range(kernel[0]) for kx in range(kernel[1])]
    sums, counts = np.zeros(y.shape, np.int64), np.zeros((1, *y.shape[1:3], 1), np.int64)
    for place in places:
        sums += taps.seen(*place)
        counts += there.seen(*place)
    found = np.sign(sums) * ((np.abs(sums) + counts // 2) // counts)
    return _clamped(found, y, options.activation)


def largest(node: Node, values: Values) -> Array:
    """MAX_POOL_2D."""
    x, y, options = node.x, node.y, node.options
    kernel = pooling.kernel_of(node)
    taps = _Taps(_given(values, 0), y, x, kernel, options).filled(y.dtype.low)
    found = np.full(y.shape, y.dtype.low, y.dtype.numpy)
    for ky in range(kernel[0]):
        for kx in range(kernel[1]):
            np.maximum(found, taps.seen(ky, kx), out=found)
    return _clamped(found.astype(np.int64), y, options.activation)


def averaged(node: Node, values: Values) -> Array:
    """MEAN."""
    y = node.y
    axes = tuple(sorted(reduction.axes_of(node)))
    sums = _given(values, 0).astype(np.int64).sum(axis=axes)
    sums = np.asarray(sums - node.x.zero_point * reduction.reduced(node))
    return _clamped(requantize(sums, *reduction.multiplier(node)) + y.zero_point, y, 0)


def shares(node: Node, values: Values) -> Array:
    """SOFTMAX. Source: TFLite ``reference/softmax.h``."""
    table = np.append(exponentials(node).astype(np.int64), 0)
    x = _given(values, 0).astype(np.int64)
    below = np.minimum(x.max(axis=-1, keepdims=True) - x, len(table) - 1)
    powers = table[below]
    sums = rounding_shift_right(powers, _SUM_BITS).sum(axis=-1, keepdims=True)
    over = np.frexp(sums.astype(np.float64))[1].astype(np.int64) - (32 - _SUM_BITS)
    factor = reciprocal_of_one_plus((sums << (_SUM_BITS - over)) - (1 << 31))
    places = np.minimum(over + 31 - 8, 62)
    found = rounding_shift_right(doubling_high_multiply(powers, factor), places)
    # a sum of 512 or more leaves nothing in units of 1/256
    found = np.where(over + 31 - 8 > 31, 0, found) + node.y.dtype.low
    return node.y.dtype.clamped(found)
