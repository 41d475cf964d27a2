"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: constant weights, bias, 32-bit sums."""

from __future__ import annotations

import math

import numpy as np

from .builder import ModelBuilder, Tensor
from .draw import Draw, float32
from .pools import draw_window

MOST_MACS = 30_000


def conv_2d(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    batches, height, width, depth = x.shape
    groups = d.pick([g for g in range(1, depth + 1) if depth % g == 0]) if d.chance(0.15) else 1
    while True:
        channels = groups * d.extent(max(1, 12 // groups))
        window = draw_window(d, height, width, 1 if d.chance(0.25) else 5, dilated=True)
        weights_shape = (channels, window.kernel_h, window.kernel_w, depth // groups)
        outputs = (batches, window.output_h, window.output_w, channels)
        if math.prod(outputs) * math.prod(weights_shape[1:]) <= MOST_MACS:
            break
    return _append(m, d, "CONV_2D", x, weights_shape, 0, outputs, window.options())


def depthwise_conv_2d(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    batches, height, width, depth = x.shape
    while True:
        multiplier = d.pick((1, 1, 1, 2, 3, 5))
        window = draw_window(d, height, width, 5, dilated=True)
        channels = depth * multiplier
        weights_shape = (1, window.kernel_h, window.kernel_w, channels)
        outputs = (batches, window.output_h, window.output_w, channels)
        if math.prod(outputs) * window.kernel_h * window.kernel_w <= MOST_MACS:
            break
    options = {**window.options(), "depth_multiplier": multiplier}
    return _append(m, d, "DEPTHWISE_CONV_2D", x, weights_shape, 3, outputs, options)


def fully_connected(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    units = d.extent(20)
    keep = len(x.shape) > 1 and d.chance(0.3)
    # without keep_num_dims the leading dimensions fold into one, or all but the first do
    depth = x.shape[-1] if keep or d.chance(0.5) else math.prod(x.shape[1:] or x.shape)
    rows = math.prod(x.shape) // depth
    outputs = (*x.shape[:-1], units) if keep else (rows, units)
    options: dict[str, object] = {"keep_num_dims": keep}
    return _append(m, d, "FULLY_CONNECTED", x, (units, depth), 0, outputs, options)


def _append(
    m: ModelBuilder,
    d: Draw,
    code: str,
    x: Tensor,
    weights_shape: tuple[int, ...],
    axis: int,
    outputs: tuple[int, ...],
    options: dict[str, object],
) -> Tensor:
    """Append the op with random weights (channels along ``axis``), bias, scales and activation."""
    channels = weights_shape[axis]
    values = d.int8(weights_shape)
    taps = np.moveaxis(values, axis, 0).reshape(channels, -1).astype(np.int64)
    usual = 74 * max(1.0, float(np.sqrt((taps**2).sum(axis=1).max())))
    bias_values = _draw_bias(d, channels, usual)
    reach = int((np.abs(taps).sum(axis=1) * 255).max()) + int(np.abs(bias_values).max())
    multiplier = d.power(-34, 8) if d.wild() else 40 / usual * d.power(-1, 1)
    # sums must survive the left shift and the zero point in 32 bits, or the reference overflows
    multiplier = min(multiplier, 2.0**29 / max(reach, 1))

    y = m.tensor(outputs, scale=d.scale(), zero_point=d.zero_point())
    base = multiplier * y.scale / x.scale
    scales = [float32(base)]
    if d.chance(0.7):
        scales = [float32(base * d.power(-3, 0)) for _ in range(channels)]
        if d.wild():
            scales[0] = float32(base * 2.0**-30)
    weights = m.tensor(weights_shape, scale=scales, axis=axis, data=values)

    inputs: list[Tensor | None] = [x, weights]
    if np.any(bias_values) or d.chance(0.2):
        bias_scales = [float32(x.scale * s) for s in scales]
        inputs.append(m.tensor((channels,), "int32", scale=bias_scales, data=bias_values))
    elif code != "DEPTHWISE_CONV_2D" and d.chance(0.5):
        inputs.append(None)  # TFLM follows a null pointer in a depthwise convolution's Prepare
    m.op(code, inputs, [y], fused_activation_function=d.activation(y.scale), **options)
    return y


def _draw_bias(d: Draw, channels: int, usual: float) -> np.ndarray:
    """int32 bias: none (zeros), of the size of ``usual`` sums, or huge."""
    kind = d.integer(0, 9)
    if kind < 3:
        return np.zeros(channels, np.int64)
    bound = 2 ** d.integer(20, 28) if kind == 9 and not d.tame else int(usual)
    return d.rng.integers(-bound, bound + 1, channels)
