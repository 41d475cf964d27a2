"""DEPTHWISE_CONV_2D: small and wide images, strides, dilations, several outputs of a channel."""

from __future__ import annotations

from functools import partial

import numpy as np

from tests.kernels.graph_builder import GraphBuilder
from tests.kernels.shapes.joined import depthwise as joined
from tests.kernels.shapes.products import (
    ACTIVATIONS,
    FLUSHED,
    largest_if_flushed,
    size,
    weights,
    zero_point,
)

Sizes = dict[str, int]


def append(m: GraphBuilder, rng: np.random.Generator, sizes: Sizes) -> None:
    """One depthwise convolution whose outputs use most of int8, in places beyond."""
    h, w, c, kh, kw = (sizes[name] for name in ("h", "w", "c", "kh", "kw"))
    stride = sizes.get("stride_h", 1), sizes.get("stride_w", 1)
    dilation, multiplier = sizes.get("dilation", 1), sizes.get("multiplier", 1)
    batches = int(rng.choice([1, 1, 1, 2]))
    spans = (kh - 1) * dilation + 1, (kw - 1) * dilation + 1
    fits = spans[0] <= h and spans[1] <= w
    padding = str(rng.choice(["SAME", "VALID"])) if fits else "SAME"
    outputs = -(-h // stride[0]), -(-w // stride[1])
    if padding == "VALID":
        outputs = (h - spans[0]) // stride[0] + 1, (w - spans[1]) // stride[1] + 1
    x = m.tensor((batches, h, w, c), scale=0.05, zero_point=zero_point(rng))
    c *= multiplier
    shape = (1, kh, kw, c)
    octaves = rng.uniform(-4 - sizes.get("octaves", 8), -4, c)
    scales = [float(np.float32(s)) for s in 2.0**octaves]
    if c > 1 and rng.random() < 0.1:
        scales[0] = FLUSHED
    data = weights(rng, shape)
    inputs = [x, m.tensor(shape, scale=scales, axis=3, data=data)]
    units = kh * kw * 2.0 ** rng.uniform(1.1, 6)
    kind = rng.random()
    if kind < 0.15:  # sums that a packed word just holds, or just does not
        limit = int(rng.choice([1 << 25, 1 << 25, 1 << 26]))
        near = rng.choice([limit, -limit], c) + rng.choice([0, -1, -9, 1], c)
        bias, units = near + x.zero_point * data.astype(np.int64).sum(axis=(0, 1, 2)), limit / 100
        bias[0] = largest_if_flushed(scales[0], bias[0])
        inputs.append(m.tensor((c,), "int32", scale=scales, data=bias))
    elif kind < 0.8:
        values = rng.integers(-(1 << 18), 1 << 18, c) >> int(rng.integers(0, 16))
        values[0] = largest_if_flushed(scales[0], values[0])
        inputs.append(m.tensor((c,), "int32", scale=scales, data=values.astype(np.int32)))
    elif kind < 0.9:  # of small sums, some of which are multiplied by more than 1
        units = 2.0 ** rng.uniform(-1.5, 0.5)
    scale = float(np.float32(max(scales) * 0.05 * units))
    least = -128 if rng.random() < 0.6 else int(rng.integers(-128, 128))
    y = m.tensor((batches, *outputs, c), scale=scale, zero_point=least)
    m.op(
        "DEPTHWISE_CONV_2D",
        inputs,
        [y],
        padding=padding,
        stride_h=stride[0],
        stride_w=stride[1],
        depth_multiplier=multiplier,
        fused_activation_function=str(rng.choice(ACTIVATIONS)),
        dilation_h_factor=dilation,
        dilation_w_factor=dilation,
    )


def append_s16(m: GraphBuilder, rng: np.random.Generator, sizes: Sizes) -> None:
    """One depthwise convolution of int16 values."""
    h, w, c, kh, kw = (sizes[name] for name in ("h", "w", "c", "kh", "kw"))
    stride = sizes.get("stride_h", 1), sizes.get("stride_w", 1)
    dilation, multiplier = sizes.get("dilation", 1), sizes.get("multiplier", 1)
    spans = (kh - 1) * dilation + 1, (kw - 1) * dilation + 1
    fits = spans[0] <= h and spans[1] <= w
    padding = str(rng.choice(["SAME", "VALID"])) if fits else "SAME"
    outputs = -(-h // stride[0]), -(-w // stride[1])
    if padding == "VALID":
        outputs = (h - spans[0]) // stride[0] + 1, (w - spans[1]) // stride[1] + 1
    batches = int(rng.choice([1, 1, 1, 2]))
    x = m.tensor((batches, h, w, c), "int16", scale=0.01)
    c *= multiplier
    scales = [float(np.float32(s)) for s in 2.0 ** rng.uniform(-9, -7, c)]
    data = weights(rng, (1, kh, kw, c))
    if rng.random() < 0.2:
        data[..., 0] = 0
    inputs = [x, m.tensor(data.shape, scale=scales, axis=3, data=data)]
    reach = np.abs(data.astype(np.int64)).sum(axis=(0, 1, 2)) << 15
    if rng.random() < 0.8:
        most = max(0, (1 << 31) - 1 - int(reach.max()))
        bound = most if rng.random() < 0.3 else min(most, 1 << int(rng.integers(4, 26)))
        bias = rng.integers(-bound, bound + 1, c)
        inputs.append(m.tensor((c,), "int64", scale=scales, data=bias))
    scale = max(scales) * 0.01 * (kh * kw) ** 0.5 * 2.0 ** rng.uniform(4, 8)
    y = m.tensor((batches, *outputs, c), "int16", scale=float(np.float32(scale)))
    m.op(
        "DEPTHWISE_CONV_2D",
        inputs,
        [y],
        padding=padding,
        stride_h=stride[0],
        stride_w=stride[1],
        depth_multiplier=multiplier,
        fused_activation_function=str(rng.choice(ACTIVATIONS)),
        dilation_h_factor=dilation,
        dilation_w_factor=dilation,
    )


def any_s16(m: GraphBuilder, rng: np.random.Generator) -> None:
    append_s16(m, rng, {**_image(rng), **_steps(rng), "c": size(rng, 24)})


def square_s16(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Windows of 3 x 3 side by side."""
    append_s16(m, rng, {**_image(rng), "kh": 3, "kw": 3, "c": int(rng.choice([8, 16, 13]))})


def multiples_s16(m: GraphBuilder, rng: np.random.Generator) -> None:
    more = {"multiplier": int(rng.integers(2, 20)), "c": int(rng.choice([1, 1, 2, 5]))}
    append_s16(m, rng, {**_image(rng), **_steps(rng), **more})


def column(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Of one dimension."""
    sizes = {"h": size(rng, 50), "w": 1, "kh": size(rng, 15), "kw": size(rng, 3)}
    append(m, rng, sizes | {"c": size(rng, 40)})


def narrow(m: GraphBuilder, rng: np.random.Generator) -> None:
    sizes = {"h": size(rng, 50), "w": size(rng, 6), "kh": size(rng, 4), "kw": size(rng, 3)}
    append(m, rng, sizes | {"c": size(rng, 40)})


def rows(m: GraphBuilder, rng: np.random.Generator, channels: int | None = None) -> None:
    sizes = {"h": size(rng, 12), "w": size(rng, 50), "kh": size(rng, 3), "kw": size(rng, 4)}
    append(m, rng, sizes | {"c": channels or size(rng, 40)})


def every_other(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Of stride 2 along rows."""
    sizes = {"h": size(rng, 12), "w": size(rng, 50), "kh": size(rng, 4), "kw": size(rng, 4)}
    append(m, rng, sizes | {"c": size(rng, 40), "stride_h": size(rng, 3), "stride_w": 2})


def squares(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Windows of 3 x 3 with scales of about one size."""
    sizes = {"h": size(rng, 14), "w": size(rng, 14), "kh": 3, "kw": 3, "c": size(rng, 12)}
    stride = int(rng.integers(1, 3))
    append(m, rng, sizes | {"stride_h": stride, "stride_w": stride, "octaves": 3})


def _steps(rng: np.random.Generator) -> Sizes:
    if rng.random() < 0.3:
        return {"dilation": size(rng, 4)}
    return {"stride_h": size(rng, 5), "stride_w": size(rng, 5)}


def _image(rng: np.random.Generator) -> Sizes:
    return {"h": size(rng, 14), "w": size(rng, 14), "kh": size(rng, 6), "kw": size(rng, 6)}


def any_steps(m: GraphBuilder, rng: np.random.Generator) -> None:
    append(m, rng, {**_image(rng), **_steps(rng), "c": size(rng, 40)})


def multiples(m: GraphBuilder, rng: np.random.Generator) -> None:
    """Several outputs of a channel."""
    more = {"multiplier": int(rng.integers(2, 20)), "c": size(rng, 12)}
    append(m, rng, {**_image(rng), **_steps(rng), **more})


def one_channel(m: GraphBuilder, rng: np.random.Generator) -> None:
    more = {"multiplier": int(rng.integers(2, 20)), "c": 1}
    append(m, rng, {**_image(rng), **_steps(rng), **more})


def one_column(m: GraphBuilder, rng: np.random.Generator) -> None:
    more = {"multiplier": int(rng.integers(2, 20)), "c": 1, "w": 1, "kw": 1}
    append(m, rng, {**_image(rng), **_steps(rng), **more})


def many_channels(m: GraphBuilder, rng: np.random.Generator) -> None:
    """More than CMSIS-NN takes at once, of small images."""
    sizes = {"h": size(rng, 6), "w": size(rng, 6), "kh": size(rng, 3), "kw": size(rng, 3)}
    append(m, rng, sizes | {"c": int(rng.integers(60, 140))})


eight_channels = partial(rows, channels=8)

GENERATORS = (
    *(column, narrow, rows, eight_channels, every_other, any_steps),
    *(many_channels, multiples, one_channel, one_column, joined, squares),
    *(any_s16, square_s16, multiples_s16),
)
