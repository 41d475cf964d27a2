"""The sums of weighted inputs in NumPy: what ``fold`` of convolutions and FULLY_CONNECTED adds up.

Sums are float64, which holds them exactly in any order: ``require_sums_fit`` keeps them below 2**47
in magnitude.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from fwgen.contract.node import Node
from fwgen.contract.operator import Array
from fwgen.model.element import Element
from fwgen.ops.parts import checks, weights
from fwgen.ops.parts.float_clamp import clamped_floats
from fwgen.ops.parts.reach import bias_of
from fwgen.ops.parts.windows import windows

Sums = npt.NDArray[Any]


def centred(node: Node, x: Array) -> Sums:
    """The values of input 0 less its zero point."""
    if node.x.dtype is Element.F32:
        return x.astype(np.float32)
    centred: Sums = x.astype(np.float64) - node.x.zero_point
    return centred


def summed_in(node: Node) -> type[np.floating[Any]]:
    """The type of the sums: float32, in which their order counts, only for floats."""
    return np.float32 if node.x.dtype is Element.F32 else np.float64


def plus_products(sums: Sums, left: Sums, right: Sums) -> Sums:
    """Sums (..., outputs) with the products of (..., depth) and (depth, outputs), floats in the
    order of the depth."""
    if sums.dtype != np.float32:
        total: Sums = sums + left @ right
        return total
    for d in range(len(right)):
        sums = sums + left[..., d, None] * right[d]
    return sums


def taps(node: Node, x: Array, kernel: tuple[int, int]) -> Iterator[tuple[int, int, Sums]]:
    """Each tap (row, column) of ``kernel`` with what it sees of input 0: (b, rows, columns, c).

    ``x`` are its values, NHWC. A tap outside them sees 0.
    """
    options, image = node.options, centred(node, x)
    rows, columns = windows(node.x, kernel, options)
    for ky in range(kernel[0]):
        top = np.arange(rows.size) * options.stride_h - rows.before + ky * options.dilation_h
        inside_y = (top >= 0) & (top < x.shape[1])
        if not inside_y.any():
            continue
        band = np.where(inside_y[:, None, None], image[:, np.where(inside_y, top, 0)], 0)
        for kx in range(kernel[1]):
            left = np.arange(columns.size) * options.stride_w - columns.before
            left += kx * options.dilation_w
            inside_x = (left >= 0) & (left < x.shape[2])
            if inside_x.any():
                seen = band[:, :, np.where(inside_x, left, 0)]
                yield ky, kx, np.where(inside_x[:, None], seen, image.dtype.type(0))


def convolved(node: Node, x: Array, w: Array, kernel: tuple[int, int]) -> Sums:
    """Sums of a convolution, (b, rows, columns, outputs); ``w`` is (outputs, h, w, depth).

    Each group of ``depth`` channels gives an equal share of the outputs.
    """
    outputs, depth = w.shape[0], w.shape[3]
    groups = x.shape[3] // depth
    # (groups, h, w, depth, outputs of the group)
    of_group = w.astype(summed_in(node)).reshape(groups, -1, *w.shape[1:]).transpose(0, 2, 3, 4, 1)
    sums = np.zeros((*node.y.shape[:3], groups, outputs // groups), summed_in(node))
    for ky, kx, seen in taps(node, x, kernel):
        for group in range(groups):
            part = seen[..., group * depth : (group + 1) * depth]
            sums[..., group, :] = plus_products(sums[..., group, :], part, of_group[group, ky, kx])
    return sums.reshape(node.y.shape)


def convolved_by_channel(node: Node, x: Array, w: Array, kernel: tuple[int, int]) -> Sums:
    """Sums of a depthwise convolution; ``w`` is (1, h, w, outputs)."""
    each = w.astype(summed_in(node))
    multiplier = w.shape[3] // x.shape[3]
    sums = np.zeros(node.y.shape, summed_in(node))
    for ky, kx, seen in taps(node, x, kernel):
        sums += np.repeat(seen, multiplier, axis=3) * each[0, ky, kx]
    return sums


def rescaled(node: Node, sums: Sums, bias: Array | None = None) -> Array:
    """The output of an op with weights: sums (..., channels) with the bias, rescaled, clamped.

    Without values of the ``bias`` it is the constant. Sums of 32 bits with it wrap.
    """
    y, channels = node.y, sums.shape[-1]
    if y.dtype is Element.F32:
        total = sums + (np.float32(0) if bias is None else np.asarray(bias).reshape(-1))
        return clamped_floats(node, total.astype(np.float32)).reshape(y.shape)
    multiplier, shift = weights.multipliers(node.x, node.w, y, channels)
    added = bias_of(node, channels) if bias is None else bias.astype(np.int64).reshape(-1)
    whole = (sums.astype(np.int64) + added).astype(weights.accumulator(node).numpy).astype(np.int64)
    raw = weights.accumulator(node).rescale(
        whole, multiplier.astype(np.int64), shift.astype(np.int64)
    )
    low, high = checks.clamp_of(node)
    return np.clip(raw + y.zero_point, low, high).astype(y.dtype.numpy).reshape(y.shape)
