"""DEPTHWISE_CONV_2D by CMSIS-NN: ``arm_depthwise_conv_wrapper_s8``."""

from __future__ import annotations

from math import prod

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import (
    Core,
    bias_or_zeros,
    scratch_argument,
    sizes_fit,
    window_fields,
)
from fwgen.ops.parts import weights
from fwgen.ops.parts.windows import windows

KERNEL = "cmsis_depthwise_conv_s8"

BLOCK = 124
"""Channels that the library's way on MVE takes at once."""


def before(node: Node) -> tuple[int, int]:
    """Padding above and at the left."""
    _, height, width, _ = node.w.shape
    rows, columns = windows(node.x, (height, width), node.options)
    return rows.before, columns.before


def holds(node: Node, core: Core) -> bool:
    """Whether sizes are not too large, and the library keeps to its scratch memory.

    A folded PAD can make windows that lie in the padding alone. There the library's fast way for
    cores with DSP instructions writes after the end of the scratch memory that it asks for. Its way
    for windows of 3x3 takes their middle column for one of the input wherever they are.

    On MVE the library computes one channel made into several as a convolution. From a number
    of outputs on that depends on the compiler, it transposes the weights in every inference.
    """
    x, w, y = node.x, node.w, node.y
    one_to_many = core is Core.MVE and x.shape[3] == 1 and y.shape[3] > 1
    beyond = core is not Core.PLAIN and is_optimized(node) and has_padding_alone(node)
    small = core is not Core.MVE and is_optimized(node) and is_3x3(node)
    outside = small and has_middle_outside(node)
    return sizes_fit(x, w, y) and not one_to_many and not beyond and not outside


def has_padding_alone(node: Node) -> bool:
    """Whether a window reaches no row or no column of the input."""
    options, (height, width) = node.options, node.w.shape[1:3]
    axes = zip(
        windows(node.x, (height, width), options),
        node.x.shape[1:3],
        ((height - 1) * options.dilation_h, (width - 1) * options.dilation_w),
        (options.stride_h, options.stride_w),
        strict=True,
    )
    return any(
        window.before > reach or (window.size - 1) * stride - window.before >= extent
        for window, extent, reach, stride in axes
    )


def has_middle_outside(node: Node) -> bool:
    """Whether the middle column of a 3x3 window, padded by at most 1, is after the input's last."""
    _, columns = windows(node.x, (3, 3), node.options)
    stride: int = node.options.stride_w
    last = (columns.size - 1) * stride - columns.before
    return last + 1 >= node.x.shape[2]


def is_optimized(node: Node) -> bool:
    """Whether the library takes one of its faster ways."""
    x, y = node.x, node.y
    dilated = (node.options.dilation_h, node.options.dilation_w) != (1, 1)
    return x.shape[3] == y.shape[3] and x.shape[0] == 1 and not dilated


def is_3x3(node: Node) -> bool:
    """Whether it takes the one for small windows, but for MVE."""
    small = node.w.shape[1:3] == (3, 3)
    return small and max(before(node)) <= 1


def scratch_bytes(node: Node, core: Core) -> int:
    """What ``arm_depthwise_conv_wrapper_s8_get_buffer_size`` returns."""
    _, height, width, channels = node.w.shape
    if core is Core.PLAIN or not is_optimized(node):
        return 0
    if core is Core.MVE:
        return 4 * BLOCK * width * height
    return 0 if is_3x3(node) else 2 * channels * width * height


def form(node: Node, multiplier: int, limits: tuple[int, int], core: Core) -> Form:
    """The call; ``multiplier`` are the outputs of a channel."""
    x, w, y = node.x, node.w, node.y
    size = scratch_bytes(node, core)
    multipliers, shifts = weights.multipliers(x, w, y, w.shape[3])
    params = Params(
        f"fw_{KERNEL}_params",
        (
            ("conv.input_offset", -x.zero_point),
            ("conv.output_offset", y.zero_point),
            ("conv.ch_mult", multiplier),
            *window_fields(node, before(node), limits),
            ("scratch_bytes", size),
        ),
    )
    call = Call(
        f"fw_{KERNEL}",
        (
            params,
            Ref(x.index),
            Ref(w.index),
            bias_or_zeros(node, w.shape[3]),
            Constant("multiplier", multipliers),
            Constant("shift", shifts),
            scratch_argument(size),
            Ref(y.index),
        ),
        library_bytes=size,
    )
    return Form((call,), cycles(node, core), size)


def cycles(node: Node, core: Core) -> float:
    """Estimate, fitted to measurements of the library."""
    y, (_, height, width, channels) = node.y, node.w.shape
    taps, pixels = height * width, prod(y.shape[:3])
    small = is_3x3(node)
    if not is_optimized(node) or (core is Core.PLAIN and not small):
        return y.elements * (150.0 + 32.5 * taps) + 500.0
    if core is Core.PLAIN:
        return 11.0 * y.elements * taps
    if core is Core.DSP:
        if small:
            return 190.0 * pixels + y.elements * (0.5 + 9.0 * taps) + 500.0
        return pixels * (105.0 + 165.0 * taps) + y.elements * (45.0 + 7.0 * taps)
    copied = taps * 24.5 * -(-channels // BLOCK)
    return pixels * (copied + -(-channels // 4) * (43.5 + 5.0 * taps)) + 1700.0
