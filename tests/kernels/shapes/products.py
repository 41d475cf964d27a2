"""Products of pixels with a matrix, of the kinds that kernels of both operators tell apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tests.kernels.graph_builder import GraphBuilder

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")

BIAS_LIMIT = 1 << 23
"""Sums beyond it share no word with a shift."""

FLUSHED = 1e-20
"""A scale of weights with which sums are multiplied by 0."""


@dataclass(frozen=True)
class Shape:
    """A FULLY_CONNECTED of ``w`` rows, or a convolution."""

    code: str
    w: int
    c: int
    units: int
    h: int = 1
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: str = "VALID"
    batches: int = 1
    large: bool = False
    """Scales of 1/2 and more, or biases that share no word with a shift."""
    nibbles: bool = False
    """Weights of 4 bits."""

    @property
    def output(self) -> tuple[int, int]:
        if self.padding == "SAME":
            return -(-self.h // self.stride[0]), -(-self.w // self.stride[1])
        spans = [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]
        return (self.h - spans[0]) // self.stride[0] + 1, (self.w - spans[1]) // self.stride[1] + 1


def biases(
    rng: np.random.Generator, values: np.ndarray, zero_point: int, folded: int | None
) -> np.ndarray:
    """Up to 2^18, or such that with the zero point folded in they are near ``folded``."""
    units = len(values)
    if folded is None:
        return rng.integers(-(1 << 18), 1 << 18, units) >> int(rng.integers(0, 16))
    sums = values.reshape(units, -1).astype(np.int64).sum(axis=1)
    near = rng.choice([folded, -folded], units) + rng.choice([0, 0, -1, 1, 9], units)
    if folded < BIAS_LIMIT:
        near = np.clip(near, -BIAS_LIMIT, BIAS_LIMIT - 1)
    return near + zero_point * sums


def largest_if_flushed(scale: float, bias: int) -> int:
    """The bias, but the largest of its sign, as converters write it, where sums count nothing."""
    if scale != FLUSHED:
        return bias
    return (1 << 31) - 1 if bias >= 0 else 1 - (1 << 31)


def weights(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Any int8 values, but in three of ten cases extremes or few of them."""
    kind = str(rng.choice(["random"] * 7 + ["least", "largest", "sparse"]))
    values = {
        "random": rng.integers(-127, 128, shape),
        "least": np.full(shape, -128),
        "largest": np.full(shape, 127),
        "sparse": rng.integers(-128, 128, shape) * (rng.random(shape) < 0.2),
    }[kind]
    return values.astype(np.int8)


def zero_point(rng: np.random.Generator) -> int:
    return int(rng.choice([-128, 127, *rng.integers(-128, 128, 3)]))


def append(m: GraphBuilder, rng: np.random.Generator, shape: Shape) -> None:
    """One op whose outputs use most of int8, and in some places go beyond."""
    conv, units = shape.code == "CONV_2D", shape.units
    x_shape = (shape.batches, shape.h, shape.w, shape.c) if conv else (shape.w, shape.c)
    x = m.tensor(x_shape, scale=0.05, zero_point=zero_point(rng))
    w_shape = (units, *shape.kernel, shape.c) if conv else (units, shape.c)
    values = rng.integers(-8, 8, w_shape) if shape.nibbles else weights(rng, w_shape)
    scaled_up = shape.large and rng.random() < 0.6
    if scaled_up:
        values = (rng.integers(-2, 3, w_shape) * (rng.random(w_shape) < 0.3)).astype(np.int8)
    count = 1 if rng.random() < 0.5 else units
    scales = [float(np.float32(s)) for s in 2.0 ** rng.uniform(-12, -4, count)]
    if len(scales) > 1 and rng.random() < 0.1:
        scales[0] = FLUSHED
    k = m.tensor(w_shape, scale=scales, axis=0, data=values)
    folded = None
    if shape.large and not scaled_up:
        folded = int(rng.choice([BIAS_LIMIT + 10, 1 << 26, 1 << 29]))
    elif not shape.large and rng.random() < 0.2:
        folded = int(rng.choice([BIAS_LIMIT - 1, BIAS_LIMIT >> 1, 1 << 16]))
    depth, reach = values.size / units, float(rng.choice([1.0, 0.3, 0.02]))
    scale = max(scales) * 0.05 * max(2.0, 4.0 * depth**0.5 * reach)
    if folded is not None:
        scale = max(scales) * 0.05 * folded / 100.0
    inputs = [x, k]
    if folded is not None or rng.random() < 0.8:
        data = biases(rng, values, x.zero_point, folded).astype(np.int32)
        data[0] = largest_if_flushed(scales[0], data[0])
        inputs.append(m.tensor((units,), "int32", scale=[s * 0.05 for s in scales], data=data))
    if scaled_up:
        scale = max(scales) * 0.05 * 2.0 ** rng.uniform(-4, 0) / 16
    y_shape = (shape.batches, *shape.output, units) if conv else (shape.w, units)
    y = m.tensor(y_shape, scale=float(np.float32(scale)) * 16, zero_point=zero_point(rng))
    options: dict[str, object] = {"fused_activation_function": str(rng.choice(ACTIVATIONS))}
    if conv:
        options |= {"padding": shape.padding, "stride_h": shape.stride[0]}
        options |= {"stride_w": shape.stride[1], "dilation_h_factor": shape.dilation[0]}
        options["dilation_w_factor"] = shape.dilation[1]
    m.op(shape.code, inputs, [y], **options)


def size(rng: np.random.Generator, most: int) -> int:
    """1 to ``most``, the ends more often than their share."""
    return int(rng.choice([1, 2, most, *rng.integers(1, most + 1, 5)]))


def depth_of(rng: np.random.Generator) -> int:
    """1 to 300: every kernel's depths, with many that just fill vectors."""
    depth = int(rng.choice([*range(1, 11)])) * 16
    return int(rng.choice([depth, depth - int(rng.integers(0, 16)), int(rng.integers(1, 301))]))


def append_s16(m: GraphBuilder, rng: np.random.Generator, shape: Shape) -> None:
    """One op of int16 values, by either rule of rescaling, whose outputs use most of int16."""
    conv, units = shape.code == "CONV_2D", shape.units
    x_shape = (shape.batches, shape.h, shape.w, shape.c) if conv else (shape.w, shape.c)
    x = m.tensor(x_shape, "int16", scale=0.01)
    w_shape = (units, *shape.kernel, shape.c) if conv else (units, shape.c)
    values = weights(rng, w_shape)
    if rng.random() < 0.1:
        values[0] = 0
    count = 1 if rng.random() < 0.5 else units
    scales = [float(np.float32(s)) for s in 2.0 ** rng.uniform(-9, -7, count)]
    k = m.tensor(w_shape, scale=scales, axis=0, data=values)
    sums = max(
        1.0, float(np.sqrt((values.reshape(units, -1).astype(float) ** 2).sum(axis=1).max()))
    )
    scale = max(scales) * 0.01 * max(2.0, sums * float(rng.choice([0.3, 1.0, 4.0])))
    reach = int(np.abs(values.reshape(units, -1).astype(np.int64)).sum(axis=1).max()) << 15
    kind = "int64" if reach >= 1 << 31 else str(rng.choice(["int64", "int32"]))
    inputs = [x, k]
    options: dict[str, object] = {"quantized_bias_type": kind.upper()}
    if rng.random() < 0.8:
        least = max(0, (1 << 31) - 1 - reach)  # what the largest bias may be
        bound = least if rng.random() < 0.3 else min(least, 1 << int(rng.integers(4, 26)))
        data = rng.integers(-bound, bound + 1, units)
        inputs.append(m.tensor((units,), kind, scale=[s * 0.01 for s in scales], data=data))
    y_shape = (shape.batches, *shape.output, units) if conv else (shape.w, units)
    y = m.tensor(y_shape, "int16", scale=float(np.float32(scale)))
    options["fused_activation_function"] = str(rng.choice(ACTIVATIONS))
    if conv:
        options |= {"padding": shape.padding, "stride_h": shape.stride[0]}
        options |= {"stride_w": shape.stride[1], "dilation_h_factor": shape.dilation[0]}
        options["dilation_w_factor"] = shape.dilation[1]
    m.op(shape.code, inputs, [y], **options)
