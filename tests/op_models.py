"""Hand-made models of one convolution, dense layer or unary op, for the tests of operators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tflite_models import ModelBuilder

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D")
LOOKUPS = ("RELU", "RELU6", "LOGISTIC", "TANH", "QUANTIZE")
CODES = (*WEIGHTED, *POOLS, "SOFTMAX", *LOOKUPS, "DEQUANTIZE")


def unary(
    code: str,
    x: tuple[float, int],
    y: tuple[float, int],
    shape: Sequence[int] = (256,),
    **options: object,
) -> bytes:
    """An op of one int8 operand: scale and zero point of input and output."""
    m = ModelBuilder()
    a = m.tensor(shape, scale=x[0], zero_point=x[1])
    b = m.tensor(shape, scale=y[0], zero_point=y[1])
    m.op(code, [a], [b], **options)
    return m.build()


def dense(
    x: tuple[float, int],
    scales: float | Sequence[float],
    y: tuple[float, int],
    weights: np.ndarray,
    bias: np.ndarray | None = None,
    input_shape: Sequence[int] = (),
    output_shape: Sequence[int] = (),
    **options: object,
) -> bytes:
    """A FULLY_CONNECTED; by default for one row."""
    m = ModelBuilder()
    units, depth = weights.shape
    a = m.tensor(input_shape or (1, depth), scale=x[0], zero_point=x[1])
    inputs = [a, m.tensor(weights.shape, scale=scales, data=weights)]
    if bias is not None:
        products = [float(np.float32(x[0]) * np.float32(s)) for s in np.atleast_1d(scales)]
        inputs.append(m.tensor((units,), "int32", scale=products, data=bias))
    b = m.tensor(output_shape or (1, units), scale=y[0], zero_point=y[1])
    m.op("FULLY_CONNECTED", inputs, [b], **options)
    return m.build()


def convolution(
    input_shape: Sequence[int],
    weights: np.ndarray,
    output_shape: Sequence[int],
    *,
    bias: Sequence[int] | None = None,
    scales: tuple[float, float, float] = (0.05, 0.01, 0.1),
    zero_points: tuple[int, int] = (-5, 7),
    code: str = "CONV_2D",
    **options: object,
) -> bytes:
    """A convolution with per-tensor weights; scales of input, weights and output."""
    m = ModelBuilder()
    x = m.tensor(input_shape, scale=scales[0], zero_point=zero_points[0])
    inputs = [x, m.tensor(weights.shape, scale=scales[1], data=weights)]
    if bias is not None:
        inputs.append(m.tensor((len(bias),), "int32", scale=scales[0] * scales[1], data=bias))
    y = m.tensor(output_shape, scale=scales[2], zero_point=zero_points[1])
    stride = {"stride_h": 1, "stride_w": 1}
    m.op(code, inputs, [y], **{**stride, **options})
    return m.build()
