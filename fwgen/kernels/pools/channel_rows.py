"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN over rows of channels on MVE."""

from __future__ import annotations

from functools import cache

import numpy as np

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Form, OverlapLimit, one_form
from fwgen.contract.node import Node
from fwgen.kernels.mve.clamp import clamped
from fwgen.model.element import Element
from fwgen.ops.parts import pooling
from fwgen.ops.parts.checks import Activation, activation_range
from fwgen.ops.parts.overlap import borders
from fwgen.ops.parts.windows import window_fields, windows

MOST_COUNT = 256
"""Values of a window whose sum fits in 16 bits."""


MOST_DIVISORS = 2048
"""Numbers of values in a window, from the least to the most, for each of which there is a divisor
of 8 bytes."""


def wide_divisor(count: int) -> tuple[int, int]:
    """(multiplier, shift) of ``mve_quotients.h``."""
    twice = 2 * count
    shift = (twice - 1).bit_length() - 1
    return -(-(1 << 32 + shift) // twice), shift


@cache
def divisor(count: int) -> tuple[int, int]:
    """(multiplier, shift): n // count = round(n * multiplier / 2**16) >> shift.

    For n up to 2**15 plus half of count; compared for all of them. ``count`` is at most 256.
    """
    n = np.arange((1 << 15) + count // 2 + 1, dtype=np.int64)
    for shift in range(8, -1, -1):
        best = (1 << 16 + shift) // count
        for multiplier in (best - 1, best, best + 1):
            quotient = (n * multiplier + (1 << 15) >> 16) >> shift
            if multiplier < 1 << 16 and np.array_equal(quotient, n // count):
                return multiplier, shift
    raise AssertionError(f"no multiplier divides by {count}")


def _axis(extent: int, kernel: int, stride: int, before: int, size: int) -> tuple[int, int]:
    """The least and the largest part of a window that is inside the input, along one axis."""
    # it grows until the window is inside, then stays, then shrinks
    turns = (before // stride, (extent - kernel + before) // stride)
    places = {0, size - 1, *(turn + k for turn in turns for k in (0, 1))}
    starts = [place * stride - before for place in places if 0 <= place < size]
    inside = [min(start + kernel, extent) - max(start, 0) for start in starts]
    return min(inside), max(inside)


def counts(node: Node) -> tuple[int, int]:
    """The least and the largest number of values in a window."""
    x, y, options = node.x, node.y, node.options
    kernel = (options.kernel_h, options.kernel_w)
    rows, columns = windows(x, kernel, options)
    heights = _axis(x.shape[1], kernel[0], options.stride_h, rows.before, y.shape[1])
    widths = _axis(x.shape[2], kernel[1], options.stride_w, columns.before, y.shape[2])
    return heights[0] * widths[0], heights[1] * widths[1]


def holds_any_average(node: Node) -> bool:
    """Whether sums have 30 bits, and the windows are of not too many sizes."""
    least, most = counts(node)
    return most - least < MOST_DIVISORS and (most << 8 * node.x.dtype.bytes - 1) < 1 << 29


def _fields(node: Node) -> tuple[tuple[str, int], ...]:
    options = node.options
    kernel = (options.kernel_h, options.kernel_w)
    return window_fields(node.x, node.y, kernel, options)


def _clamped(node: Node) -> tuple[Call, ...]:
    activation = Activation(node.options.activation)
    return clamped(node, activation_range(activation, node.y))


def holds_average(node: Node) -> bool:
    return counts(node)[1] <= MOST_COUNT


def calls_average(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    least, most = counts(node)
    divisors = np.array([divisor(count) for count in range(least, most + 1)], dtype=np.uint16)
    name = "average_pool_2d_s8_mve"
    params = Params(f"fw_{name}_params", (*_fields(node), ("least", least)))
    arguments = (params, Ref(x.index), Constant("divisors", divisors), Ref(y.index))
    return (Call(f"fw_{name}", arguments), *_clamped(node))


def calls_any_average(name: str, node: Node) -> tuple[Call, ...]:
    """The call of a kernel with sums of 32 bits."""
    x, y = node.x, node.y
    least, most = counts(node)
    pairs = [wide_divisor(count) for count in range(least, most + 1)]
    params = Params(f"fw_{name}_params", (*_fields(node), ("least", least)))
    divisors = Constant("divisors", np.array(pairs, dtype=np.uint32), "mve_quotients.h")
    return (Call(f"fw_{name}", (params, Ref(x.index), divisors, Ref(y.index))), *_clamped(node))


def calls_max_s16(node: Node) -> tuple[Call, ...]:
    name = "max_pool_2d_s16_mve"
    params = Params(f"fw_{name}_params", _fields(node))
    return (Call(f"fw_{name}", (params, Ref(node.x.index), Ref(node.y.index))), *_clamped(node))


def calls_max(node: Node) -> tuple[Call, ...]:
    x, y = node.x, node.y
    name = "max_pool_2d_s8_mve"
    params = Params(f"fw_{name}_params", _fields(node))
    return (Call(f"fw_{name}", (params, Ref(x.index), Ref(y.index))), *_clamped(node))


def overlap_average(node: Node) -> OverlapLimit:
    """16 channels at a time and 8 of what is left, or the last 16 again if there are more."""
    channels = node.y.shape[3]
    steps = [(c, c + 16) for c in borders(range(0, channels - 15, 16))]
    if channels % 16 and channels > 16:
        steps.append((channels - 16, channels))
    elif channels % 16:
        steps += [(c, min(c + 8, channels)) for c in range(0, channels, 8)]
    return pooling.overlap_of(node, steps)


def overlap_max(node: Node) -> OverlapLimit:
    """16 channels at a time."""
    channels = node.y.shape[3]
    steps = [(c, min(c + 16, channels)) for c in borders(range(0, channels, 16))]
    return pooling.overlap_of(node, steps)


def overlap_average_s16(node: Node) -> OverlapLimit:
    """8 channels at a time, and 4 of what is left."""
    channels = node.y.shape[3]
    whole = channels // 8 * 8
    steps = [(c, c + 8) for c in borders(range(0, whole, 8))]
    steps += [(c, min(c + 4, channels)) for c in range(whole, channels, 4)]
    return pooling.overlap_of(node, steps)


def overlap_max_s16(node: Node) -> OverlapLimit:
    """8 channels at a time."""
    channels = node.y.shape[3]
    steps = [(c, min(c + 8, channels)) for c in borders(range(0, channels, 8))]
    return pooling.overlap_of(node, steps)


def _cost(node: Node, per_pixel: float, per_vector: float) -> float:
    y, (height, width) = node.y, pooling.kernel_of(node)
    vectors = -(-y.shape[3] // 16)
    pixels = y.elements // y.shape[3]
    window = height * (per_pixel * width + 6.0)
    clamp = 0.3 * y.elements if _clamped(node) else 0.0
    return pixels * (60.0 + vectors * (window + per_vector)) + clamp


def mean_window(node: Node) -> tuple[float, float]:
    """Rows and columns that a window has in the input, on the average of all windows."""
    options, x, y = node.options, node.x, node.y
    around = windows(x, pooling.kernel_of(node), options)
    strides = options.stride_h, options.stride_w
    found = []
    for axis, (window, kernel, stride) in enumerate(
        zip(around, pooling.kernel_of(node), strides, strict=True), 1
    ):
        count, size, first = y.shape[axis], x.shape[axis], -window.before
        ends = _sum_up_to(size, count, first + kernel, stride)
        before = _sum_up_to(0, count, first, stride)
        starts = stride * count * (count - 1) // 2 + first * count - before
        found.append((ends - starts) / count)
    return found[0], found[1]


def _sum_up_to(limit: int, count: int, first: int, step: int) -> int:
    """The sum of ``count`` numbers from ``first`` on, each ``step`` more, or ``limit`` if that is
    less. An axis may be too long for an array of them."""
    below = min(max((limit - first) // step + 1, 0), count)
    return step * below * (below - 1) // 2 + first * below + limit * (count - below)


def _cost_any_average(node: Node) -> float:
    """7 for 16 channels of a pixel in a window, 5 for up to 8, and what is done once for them."""
    (height, width), channels = mean_window(node), node.y.shape[3]
    rows = max(1.0 if width == node.x.shape[2] else height, height * width / 256)
    if channels >= 16:
        each = -(-channels // 16) * (7.0 * height * width + 75.0 * rows + 260.0)
    else:
        each = -(-channels // 8) * (5.0 * height * width + 50.0 * rows + 150.0)
    return node.y.elements / channels * (60.0 + each) + _clamp_cost(node)


def _clamp_cost(node: Node) -> float:
    return 0.3 * node.y.bytes if _clamped(node) else 0.0


def _cost_max_s16(node: Node) -> float:
    """5 for 8 channels of a pixel in a window."""
    (height, width), channels = mean_window(node), node.y.shape[3]
    each = -(-channels // 8) * (height * (5.0 * width + 6.0) + 15.0)
    return node.y.elements / channels * (80.0 + each) + _clamp_cost(node)


def _cost_average_s16(node: Node) -> float:
    """7 for 8 channels of a pixel in a window, 5 for 4 of what is left."""
    (height, width), channels = mean_window(node), node.y.shape[3]
    each = channels // 8 * (height * (7.0 * width + 6.0) + 50.0)
    each += -(-(channels % 8) // 4) * (height * (5.0 * width + 6.0) + 35.0)
    return node.y.elements / channels * (80.0 + each) + _clamp_cost(node)


def of_any(name: str, node: Node) -> tuple[Form, ...]:
    """The form of a kernel with sums of 32 bits."""
    s16 = node.x.dtype is Element.S16
    cycles = _cost_average_s16(node) if s16 else _cost_any_average(node)
    overlap = overlap_average_s16(node) if s16 else overlap_average(node)
    return (Form(calls_any_average(name, node), cycles, overlap=overlap),)


MAX_S16 = one_form(calls_max_s16, _cost_max_s16, overlap_max_s16)
AVERAGE = one_form(calls_average, lambda node: _cost(node, 5.0, 35.0), overlap_average)
MAX = one_form(calls_max, lambda node: _cost(node, 4.0, 15.0), overlap_max)
