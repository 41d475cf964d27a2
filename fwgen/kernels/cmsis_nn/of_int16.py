"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of int16 by CMSIS-NN.

Weights are int8. Where the sums of the reference have 64 bits, the library adds up ``BLOCK``
products in 32. It rescales sums by a product of 64 bits, of which it keeps 32.
"""

from __future__ import annotations

from math import prod

import numpy as np
import numpy.typing as npt

from fwgen.contract.call import Call, Constant, Params, Ref
from fwgen.contract.kernel import Form
from fwgen.contract.node import Node
from fwgen.kernels.cmsis_nn.cores import (
    Core,
    clamp,
    dims,
    rows,
    scratch_argument,
    sizes_fit,
    window_fields,
)
from fwgen.kernels.cmsis_nn.depthwise_conv import before, has_padding_alone
from fwgen.model.element import Element
from fwgen.ops.parts import weights
from fwgen.ops.parts.checks import clamp_of
from fwgen.ops.parts.reach import bias_of

BLOCK = 512
"""Products of an output that the library adds up in 32 bits: its ``MAX_COL_COUNT``."""

MOST_SIZE = (1 << 15) - 1
"""Of an image whose positions the library keeps in 16 bits with a sign."""

MOST_SUM = (1 << 31) - 1

MOST_TAPS = 511
"""Of the window of a depthwise convolution for which the library has a faster way."""

Int64Array = npt.NDArray[np.int64]


def is_narrow(node: Node) -> bool:
    """Whether the reference's sums have 32 bits."""
    return weights.accumulator(node) is Element.S32


def is_exact(node: Node, axis: int) -> bool:
    """Whether neither sums nor what they are rescaled to leave the library's 32 bits.

    Channels are along ``axis`` of the weights. ``arm_nn_requantize_s64`` shifts a sum times 15 bits
    of the multiplier right, all but one bit, and keeps the lower 32 bits; then it rounds.
    """
    if is_narrow(node):
        return True  # sums of 32 bits, rescaled as those of int8
    if node.w.data is None:
        return False
    channels = node.w.shape[axis]
    taps = np.abs(np.moveaxis(node.w.constant.astype(np.int64), axis, 0).reshape(channels, -1))
    reach = -Element.S16.low
    if taps[:, :BLOCK].sum(axis=1).max() * reach > MOST_SUM:
        return False
    most = taps.sum(axis=1) * reach + np.abs(bias_of(node, channels))
    multiplier, shift = weights.multipliers(node.x, node.w, node.y, channels)
    return all(map(_is_kept, most.tolist(), multiplier.tolist(), shift.tolist()))


def _is_kept(most: int, multiplier: int, shift: int) -> bool:
    """Whether sums of up to ``most`` are rescaled without a loss of upper bits."""
    reduced = min((multiplier + (1 << 15)) >> 16, (1 << 15) - 1)
    return most * reduced >> (14 - shift) < MOST_SUM


def convolution_bytes(node: Node, core: Core) -> int:
    """What ``arm_convolve_wrapper_s16_get_buffer_size`` returns."""
    taps = prod(node.w.shape[1:])
    return 4 * (-(-taps // 8) * 8) * 2 if core is Core.MVE else 2 * taps * 2


def holds_convolution(node: Node, core: Core) -> bool:
    fits = sizes_fit(node.x, node.w, node.y) and prod(node.w.shape[1:]) <= MOST_SIZE
    return fits and not weights.is_grouped(node) and is_exact(node, 0)


def convolution(node: Node, core: Core) -> Form:
    """The call; the library finds out by a field which type the bias has."""
    size = convolution_bytes(node, core)
    fields = (
        *window_fields(node, before(node), clamp_of(node)),
        ("narrow", int(is_narrow(node))),
        ("scratch_bytes", size),
    )
    return _windowed("fw_cmsis_convolve_s16", node, fields, size, convolution_cycles(node, core))


def depthwise_bytes(node: Node, core: Core) -> int:
    """What ``arm_depthwise_conv_wrapper_s16_get_buffer_size`` returns."""
    taps = node.x.shape[3] * node.w.shape[1] * node.w.shape[2]
    if core is Core.PLAIN or not is_fast(node):
        return 0
    return 4 * taps * 2 + 8 if core is Core.MVE else taps * 2


def is_fast(node: Node) -> bool:
    """Whether the library takes its faster way for a depthwise convolution."""
    options = node.options
    dilated = (options.dilation_h, options.dilation_w) != (1, 1)
    few = node.w.shape[1] * node.w.shape[2] <= MOST_TAPS
    return options.depth_multiplier == 1 and not dilated and few


def holds_depthwise(node: Node, core: Core) -> bool:
    """Of windows in the padding alone as ``depthwise_conv.holds``."""
    sizes = (size for tensor in (node.x, node.w, node.y) for size in tensor.shape)
    beyond = core is Core.DSP and is_fast(node) and has_padding_alone(node)
    return max(sizes) <= MOST_SIZE and not beyond and is_exact(node, 3)


def depthwise(node: Node, core: Core) -> Form:
    """The call."""
    size = depthwise_bytes(node, core)
    fields = (
        *window_fields(node, before(node), clamp_of(node)),
        ("conv.ch_mult", node.options.depth_multiplier),
        ("scratch_bytes", size),
    )
    name = "fw_cmsis_depthwise_conv_s16"
    return _windowed(name, node, fields, size, depthwise_cycles(node, core))


def _windowed(
    name: str, node: Node, fields: tuple[tuple[str, int], ...], size: int, cycles: float
) -> Form:
    """The form of a convolution with ``size`` bytes of scratch memory."""
    x, w, y = node.x, node.w, node.y
    multipliers, shifts = weights.multipliers(x, w, y, y.shape[3])
    call = Call(
        name,
        (
            Params(f"{name}_params", fields),
            Ref(x.index),
            Ref(w.index),
            weights.bias_argument(node),
            Constant("multiplier", multipliers),
            Constant("shift", shifts),
            scratch_argument(size),
            Ref(y.index),
        ),
        library_bytes=size,
    )
    return Form((call,), cycles, size)


def holds_dense(node: Node, core: Core) -> bool:
    """The library has one scale for all units, and sums of 64 bits."""
    one = node.w.quant is not None and not node.w.quant.per_channel
    fits = max(node.w.shape) <= MOST_SIZE
    return one and fits and not is_narrow(node) and is_exact(node, 0)


def dense(node: Node, core: Core) -> Form:
    """The call."""
    x, w, y = node.x, node.w, node.y
    units, depth = w.shape
    count = x.elements // depth
    multipliers, shifts = weights.multipliers(x, w, y, 1)
    name = "fw_cmsis_fully_connected_s16"
    fields = (
        *clamp("fc.activation", clamp_of(node)),
        ("quant.multiplier", int(multipliers[0])),
        ("quant.shift", int(shifts[0])),
        *dims("input", (count, 1, 1, depth)),
        *dims("filter", (depth, 1, 1, units)),
        *dims("output", (count, 1, 1, units)),
    )
    params = Params(f"{name}_params", fields)
    operands = Ref(x.index), Ref(w.index), weights.bias_argument(node), Ref(y.index)
    unit, step = _DENSE[core]
    steps = -(-depth // 8) if core is Core.MVE else depth
    return Form((Call(name, (params, *operands)),), count * units * (unit + step * steps) + 300.0)


def convolution_cycles(node: Node, core: Core) -> float:
    """Estimate, fitted to measurements of the library."""
    pixels, channels = prod(node.y.shape[:3]), node.y.shape[3]
    copies, depth = prod(node.w.shape[1:3]), node.w.shape[3]
    steps = -(-copies * depth // 8) if core is Core.MVE else copies * depth
    tap, byte, output, step = _CONVOLUTION[core]
    narrow = _NARROW[core] if is_narrow(node) else 0.0
    copied = copies * (tap + byte * 2 * depth)
    return pixels * (copied + channels * (output - narrow + step * steps)) + 500.0


def depthwise_cycles(node: Node, core: Core) -> float:
    """Estimate, fitted to measurements of the library."""
    taps, elements = node.w.shape[1] * node.w.shape[2], node.y.elements
    if core is Core.PLAIN or not is_fast(node):
        return elements * (150.0 + 30.0 * taps) + 500.0
    tap, output, product = _DEPTHWISE[core]
    return prod(node.y.shape[:3]) * taps * tap + elements * (output + product * taps) + 500.0


_CONVOLUTION = {
    # cycles per tap that is copied, per byte of it, per output, per step of a sum
    Core.MVE: (30.0, 0.16, 33.0, 3.0),
    Core.DSP: (40.0, 0.6, 59.0, 2.4),
    Core.PLAIN: (40.0, 0.6, 59.0, 4.1),
}
_NARROW = {Core.MVE: 18.0, Core.DSP: 0.0, Core.PLAIN: 0.0}
"""Cycles that an output takes less if sums have 32 bits."""

_DEPTHWISE = {
    # cycles per tap that is copied, per output, per product
    Core.MVE: (30.0, 62.0, 2.7),
    Core.DSP: (60.0, 95.0, 6.5),
}
_DENSE = {
    # cycles per output, per step of a sum
    Core.MVE: (40.0, 13.6),
    Core.DSP: (60.0, 3.2),
    Core.PLAIN: (60.0, 9.0),
}

_NARROW_OR_WIDE = (weights.S16_WIDE, weights.S16_NARROW)
_WIDE = (weights.S16_WIDE,)

KERNELS = (
    *rows("CONV_2D", "cmsis_convolve_s16", convolution, holds_convolution, _NARROW_OR_WIDE),
    *rows("DEPTHWISE_CONV_2D", "cmsis_depthwise_conv_s16", depthwise, holds_depthwise, _WIDE),
    *rows("FULLY_CONNECTED", "cmsis_fully_connected_s16", dense, holds_dense, _WIDE),
)
