"""What the NPU computes in a block operation, on feature maps as arrays (h, w, c) of int64.

All sums are exact: products of 16 by 8 bits stay below 2**53 in sums of any layer that fits a
stream, so that float64 has them and BLAS does the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
import numpy.typing as npt

from fwgen.errors import DeviceFault
from fwgen.npu.arithmetic import Ints, Rounding, rescale
from fwgen.npu.commands import Registers, Short

EXACT = 1 << 53

MOST_PRODUCTS = 1 << 28
"""Inputs of all windows together, of a channel or of all: 2 GB."""


@dataclass(frozen=True)
class Kernel:
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


def kernel_of(r: Registers) -> Kernel:
    """The kernel as the registers describe it, whose extents are those of dilated ones."""
    bits = r.short(Short.KERNEL_STRIDE)
    stride = 1 + (bits >> 1 & 1 | (bits >> 9 & 7) << 1), 1 + (bits & 1 | (bits >> 6 & 7) << 1)
    dilation = 1 + (bits >> 4 & 1), 1 + (bits >> 3 & 1)
    return Kernel(
        size=(
            r.short(Short.KERNEL_HEIGHT_M1) // dilation[0] + 1,
            r.short(Short.KERNEL_WIDTH_M1) // dilation[1] + 1,
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


def windows(x: Ints, kernel: Kernel, output: tuple[int, int], fill: int) -> Ints:
    """(out_h, out_w, c, kernel_h, kernel_w): a view of what each output sees."""
    top, left, bottom, right = kernel.padding
    if prod(output) * prod(kernel.size) * x.shape[2] > MOST_PRODUCTS or max(kernel.padding) > 1024:
        raise DeviceFault(f"Windows of {kernel.size} for {output} outputs are not modelled.")
    padded = np.pad(x, ((top, bottom), (left, right), (0, 0)), constant_values=fill)
    spans = tuple((k - 1) * d + 1 for k, d in zip(kernel.size, kernel.dilation, strict=True))
    seen = np.lib.stride_tricks.sliding_window_view(padded, spans, axis=(0, 1))
    stepped: Ints = seen[
        :: kernel.stride[0], :: kernel.stride[1], :, :: kernel.dilation[0], :: kernel.dilation[1]
    ]
    return stepped[: output[0], : output[1]]


def _exact(x: Ints, w: Ints) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    taps = w.size // max(w.shape[0], 1)
    if int(np.abs(x).max(initial=0)) * int(np.abs(w).max(initial=0)) * max(taps, 1) >= EXACT:
        raise DeviceFault("The NPU model has no more than 53 bits for a sum of products.")
    return x.astype(np.float64), w.astype(np.float64)


def convolve(x: Ints, weights: Ints, kernel: Kernel, output: tuple[int, int]) -> Ints:
    """Sums of products; ``x`` less its zero point, weights (out, h, w, in)."""
    seen, w = _exact(x, weights)
    columns = windows(seen, kernel, output, 0)  # type: ignore[arg-type]
    flat = np.ascontiguousarray(columns).reshape(output[0] * output[1], -1)
    taps = w.transpose(3, 1, 2, 0).reshape(-1, w.shape[0])
    return (flat @ taps).astype(np.int64).reshape(*output, -1)


def convolve_depthwise(x: Ints, weights: Ints, kernel: Kernel, output: tuple[int, int]) -> Ints:
    """The same channel by channel; weights (out, h, w, 1)."""
    seen, w = _exact(x, weights)
    columns = windows(seen, kernel, output, 0)  # type: ignore[arg-type]
    total = np.zeros((*output, w.shape[0]))
    for ky in range(kernel.size[0]):
        for kx in range(kernel.size[1]):
            total += columns[:, :, :, ky, kx] * w[:, ky, kx, 0]
    return total.astype(np.int64)


def largest(x: Ints, kernel: Kernel, output: tuple[int, int]) -> Ints:
    """Of each window, of which padding is no part."""
    least = np.iinfo(np.int64).min
    found: Ints = windows(x, kernel, output, least).max(axis=(3, 4))
    return found


def total(x: Ints, kernel: Kernel, output: tuple[int, int]) -> Ints:
    """Of each window."""
    found: Ints = windows(x, kernel, output, 0).sum(axis=(3, 4))
    return found


def mean(x: Ints, kernel: Kernel, output: tuple[int, int]) -> Ints:
    """Of what each window has of the input, rounded half away from zero."""
    sums = total(x, kernel, output)
    counts = total(np.ones_like(x[:, :, :1]), kernel, output)
    found: Ints = np.sign(sums) * ((np.abs(sums) + counts // 2) // counts)
    return found


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
        return rescale(o.a * o.a_scale[0] + sign * o.b * o.b_scale, scale, shift, o.rounding)
    # TensorFlow Lite's operands have 20 more bits, or 15 if they had 16; one factor is 1/2
    more = 20 if o.bits == 8 else 15
    one, other = (o.a, o.b) if o.scaled == 1 else (o.b, o.a)
    factor, places = o.a_scale  # the shift is for an operand that has not been moved
    exact = rescale(one << more, factor, places + more, Rounding.TFL)
    half = other << more - 1
    a, b = (exact, half) if o.scaled == 1 else (half, exact)
    return rescale(a + sign * b, scale, shift, o.rounding)


def multiply(o: Operands) -> Ints:
    """a * b, rescaled; of 32-bit numbers only shifted."""
    scale, shift = o.result
    if o.bits == 32:
        return rescale(o.a * o.b, 1, shift, Rounding.NATURAL)
    return rescale(o.a * o.b, scale, shift, o.rounding)


def shift_right(a: Ints, b: Ints, rounding: Rounding) -> Ints:
    """a / 2**b, half up if rounding is natural, else down."""
    if rounding is Rounding.NATURAL:
        return (a + np.where(b > 0, np.left_shift(1, np.maximum(b - 1, 0)), 0)) >> b
    return a >> b


def leaky(a: Ints, scale: tuple[int, int], rounding: Rounding) -> Ints:
    """Negative numbers times a factor."""
    return np.where(a >= 0, a, rescale(a, *scale, rounding))
