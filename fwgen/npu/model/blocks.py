"""The block operations of the NPU, on feature maps as arrays (h, w, c).

Sums of products are in floating point, so that BLAS does the work. They are exact, because the
caller chooses a type that holds the largest possible sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fwgen.errors import DeviceFault
from fwgen.npu.model.arithmetic import Ints, Rounding, largest_of, rescale, round_away, scaled
from fwgen.npu.model.feature_map import Elements
from fwgen.npu.model.stream_commands import Registers, Short

LARGEST_KERNEL = 4096

BAND_ELEMENTS = 1 << 19
"""Inputs of windows side by side at a time, so that they stay in the cache."""


@dataclass(frozen=True)
class BlockWindow:
    """Taps (h, w), their dilation, the step from window to window, padding (top, left, bottom,
    right)."""

    size: tuple[int, int]
    dilation: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]
    part_first: bool

    def input_size(self, output: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of the input that so many of the output need."""
        height, width = (
            (n - 1) * s + (k - 1) * d + 1
            for n, s, k, d in zip(output, self.stride, self.size, self.dilation, strict=True)
        )
        top, left, bottom, right = self.padding
        return height - top - bottom, width - left - right


def kernel_of(r: Registers) -> BlockWindow:
    """The kernel as the registers describe it, whose extents are those of dilated ones."""
    bits = r.short(Short.KERNEL_STRIDE)
    extents = r.short(Short.KERNEL_HEIGHT_M1) + 1, r.short(Short.KERNEL_WIDTH_M1) + 1
    if max(extents) > LARGEST_KERNEL:
        raise DeviceFault(f"A kernel of {extents}, expected {LARGEST_KERNEL} or less each way.")
    stride = 1 + (bits >> 1 & 1 | (bits >> 9 & 7) << 1), 1 + (bits & 1 | (bits >> 6 & 7) << 1)
    dilation = 1 + (bits >> 4 & 1), 1 + (bits >> 3 & 1)
    return BlockWindow(
        size=(
            (extents[0] - 1) // dilation[0] + 1,
            (extents[1] - 1) // dilation[1] + 1,
        ),
        dilation=dilation,
        stride=stride,
        padding=(
            r.short(Short.IFM_PAD_TOP),
            r.short(Short.IFM_PAD_LEFT),
            r.short(Short.IFM_PAD_BOTTOM),
            r.short(Short.IFM_PAD_RIGHT),
        ),
        part_first=bool(bits >> 2 & 1),
    )


def padded(x: Elements, kernel: BlockWindow, fill: int) -> Elements:
    """``x`` (h, w, c) with its padding around it."""
    top, left, bottom, right = kernel.padding
    if not any(kernel.padding):
        return x
    whole = np.full(
        (x.shape[0] + top + bottom, x.shape[1] + left + right, x.shape[2]), fill, x.dtype
    )
    whole[top : top + x.shape[0], left : left + x.shape[1]] = x
    return whole


def _taps(first: int, count: int, stride: int) -> slice:
    """The position of one tap for each output of a row or column, where ``first`` is the
    position for the first output."""
    return slice(first, first + (count - 1) * stride + 1, stride)


def convolve(
    x: Elements, matrix: Elements, kernel: BlockWindow, output: tuple[int, int]
) -> Elements:
    """Sums of products (out_h, out_w, out); ``x`` padded, ``matrix`` (h * w * in, out)."""
    height, width = output
    if kernel.size == (1, 1):
        x = x[_taps(0, height, kernel.stride[0]), _taps(0, width, kernel.stride[1])]
        return (x.reshape(height * width, -1) @ matrix).reshape(height, width, -1)
    spans = tuple((k - 1) * d + 1 for k, d in zip(kernel.size, kernel.dilation, strict=True))
    seen = np.lib.stride_tricks.sliding_window_view(x, spans, axis=(0, 1))
    seen = seen[
        _taps(0, height, kernel.stride[0]),
        _taps(0, width, kernel.stride[1]),
        :,
        :: kernel.dilation[0],
        :: kernel.dilation[1],
    ].transpose(0, 1, 3, 4, 2)
    total = np.empty((height, width, matrix.shape[1]), x.dtype)
    rows = max(1, BAND_ELEMENTS // (width * matrix.shape[0]))
    for first in range(0, height, rows):
        band = seen[first : first + rows]
        found = band.reshape(-1, matrix.shape[0]) @ matrix
        total[first : first + rows] = found.reshape(len(band), width, -1)
    return total


def convolve_depthwise(
    x: Elements, rows: Elements, kernel: BlockWindow, output: tuple[int, int]
) -> Elements:
    """The same channel by channel; ``rows`` (h, w, n * c): each tap's weights, n times.

    n divides the output's width; the inner loops are the longer the larger it is.
    """
    height, width = output
    total = np.zeros((height, width * x.shape[2] // rows.shape[2], rows.shape[2]), x.dtype)
    product = np.empty_like(total)
    for kx in range(kernel.size[1]):
        columns = x[:, _taps(kx * kernel.dilation[1], width, kernel.stride[1])]
        flat = columns.reshape(len(x), *total.shape[1:])
        for ky in range(kernel.size[0]):
            seen = flat[_taps(ky * kernel.dilation[0], height, kernel.stride[0])]
            np.multiply(seen, rows[ky, kx], out=product)
            total += product
    return total.reshape(height, width, -1)


def _pooled(
    x: Elements, kernel: BlockWindow, output: tuple[int, int], combine: np.ufunc
) -> Elements:
    """What ``combine`` makes of each window of ``x``, padded: columns first, then rows."""
    (height, width), (dilated_y, dilated_x) = output, kernel.dilation
    rows = x[_taps(0, height, kernel.stride[0])].copy()
    for ky in range(1, kernel.size[0]):
        combine(rows, x[_taps(ky * dilated_y, height, kernel.stride[0])], out=rows)
    found = rows[:, _taps(0, width, kernel.stride[1])].copy()
    for kx in range(1, kernel.size[1]):
        combine(found, rows[:, _taps(kx * dilated_x, width, kernel.stride[1])], out=found)
    return found


def largest(x: Elements, kernel: BlockWindow, output: tuple[int, int]) -> Elements:
    """Of each window, of which padding is no part."""
    return _pooled(padded(x, kernel, np.iinfo(x.dtype).min), kernel, output, np.maximum)


def total(x: Ints, kernel: BlockWindow, output: tuple[int, int]) -> Ints:
    """Of each window."""
    return _pooled(padded(x, kernel, 0), kernel, output, np.add)


def mean(x: Ints, kernel: BlockWindow, output: tuple[int, int]) -> Ints:
    """Of what each window has of the input, rounded half away from zero."""
    sums = total(x, kernel, output)
    counts = total(np.ones_like(x[:, :, :1]), kernel, output)
    found: Ints = np.sign(sums) * ((np.abs(sums) + counts // 2) // np.maximum(counts, 1))
    return found


def upscaled(x: Elements, size: tuple[int, int], zeros: bool, fill: int) -> Elements:
    """``size`` rows and columns of ``x`` doubled, each element repeated or followed by ``fill``."""
    if zeros:
        whole = np.full((2 * x.shape[0], 2 * x.shape[1], x.shape[2]), fill, x.dtype)
        whole[::2, ::2] = x
    else:
        whole = x.repeat(2, axis=0).repeat(2, axis=1)
    return whole[: size[0], : size[1]]


@dataclass(frozen=True)
class Operands:
    """The two operands of an elementwise operation less their zero points, and how to scale.

    ``scaled`` is 0 if both have 16-bit factors, 1 or 2 if only that one has a 32-bit factor and a
    shift. ``bits`` are those of an element.
    """

    a: Ints
    b: Ints
    bits: int
    scaled: int
    a_scale: tuple[int, int]
    b_scale: int
    result: tuple[int, int]
    rounding: Rounding


def add(o: Operands, sign: int) -> Ints:
    """a + b or a - b, rescaled."""
    scale, shift = o.result
    if o.scaled == 0:
        if max(largest_of(o.a) * o.a_scale[0], largest_of(o.b) * o.b_scale) >= 1 << 61:
            return _added_widely(o, sign)
        return rescale(o.a * o.a_scale[0] + sign * o.b * o.b_scale, scale, shift, o.rounding)
    # TensorFlow Lite's operands have 20 more bits, or 15 if they had 16; one factor is 1/2
    more = 20 if o.bits == 8 else 15
    one, other = (o.a, o.b) if o.scaled == 1 else (o.b, o.a)
    factor, places = o.a_scale  # the shift is for an operand that has not been moved
    if places + more > 63:
        raise DeviceFault(f"An operand's shift of {places} is not modelled.")
    exact = rescale(one << more, factor, places + more, Rounding.TFL)
    half = other << more - 1
    a, b = (exact, half) if o.scaled == 1 else (half, exact)
    return rescale(a + sign * b, scale, shift, o.rounding)


def _added_widely(o: Operands, sign: int) -> Ints:
    """The same of operands that 64 bits do not hold once they are scaled, one by one."""
    sums = o.a.astype(object) * o.a_scale[0] + sign * o.b.astype(object) * o.b_scale
    found = [scaled(value, *o.result, o.rounding) for value in sums.reshape(-1)]
    if any(abs(value) >> 63 for value in found):
        raise DeviceFault("The NPU model has no more than 63 bits for a scaled value.")
    return np.array(found, np.int64).reshape(sums.shape)


def multiply(o: Operands) -> Ints:
    """a * b, rescaled; of 32-bit numbers only shifted."""
    scale, shift = o.result
    if o.bits == 32:
        product = o.a * o.b
        if o.rounding is not Rounding.TFL or shift <= 31:
            return rescale(product, 1, shift, Rounding.NATURAL)
        # twice rounded, as the product with a factor is
        high = rescale(product, 1, 31, Rounding.NATURAL)
        return round_away(high, shift - 31)
    return rescale(o.a * o.b, scale, shift, o.rounding)


def shift_right(a: Ints, b: Ints, rounding: Rounding) -> Ints:
    """a / 2**b, half up if rounding is natural, else down."""
    _require_places(b)
    if rounding is Rounding.NATURAL:
        return (a + np.where(b > 0, np.left_shift(1, np.maximum(b - 1, 0)), 0)) >> b
    return a >> b


def shift_left(a: Ints, b: Ints) -> Ints:
    """a * 2**b, of which 32 bits are left."""
    _require_places(b)
    return (a << b).astype(np.int32).astype(np.int64)


def _require_places(b: Ints) -> None:
    """The NPU's behaviour beyond the bits of a number is not known."""
    if ((b < 0) | (b > 31)).any():
        raise DeviceFault("A shift by less than 0 or more than 31 bits is not modelled.")


def leaky(a: Ints, scale: tuple[int, int], rounding: Rounding) -> Ints:
    """Negative numbers times a factor."""
    return np.where(a >= 0, a, rescale(a, *scale, rounding))
