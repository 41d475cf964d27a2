"""Models of one op whose tensors and options a test states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .builder import ModelBuilder, Tensor


@dataclass(frozen=True)
class T:
    """A tensor of a model to be made: int8 with one scale unless said otherwise."""

    shape: tuple[int, ...]
    dtype: str = "int8"
    scale: float | Sequence[float] | None = 0.5
    zero_point: int = 0
    data: object = None
    axis: int = 0
    variable: bool = False

    def add(self, m: ModelBuilder) -> Tensor:
        return m.tensor(
            self.shape,
            self.dtype,
            scale=self.scale if self.dtype in ("int8", "uint8", "int16") else None,
            zero_point=self.zero_point,
            data=self.data,
            axis=self.axis,
            variable=self.variable,
        )


def ints(*values: int, dtype: str = "int32") -> T:
    """A constant vector of integers."""
    return T((len(values),), dtype, data=values)


def one_op(code: str, inputs: Sequence[T | None], output: T, **options: object) -> bytes:
    """A model of one op; a tensor that is given twice is one tensor, None is an absent input."""
    return several_outputs(code, inputs, [output], **options)


def several_outputs(
    code: str, inputs: Sequence[T | None], outputs: Sequence[T], **options: object
) -> bytes:
    """``one_op`` with any number of outputs."""
    m = ModelBuilder()
    made = {id(t): t.add(m) for t in (*inputs, *outputs) if t is not None}
    operands = [None if t is None else made[id(t)] for t in inputs]
    m.op(code, operands, [made[id(y)] for y in outputs], **options)
    return m.build()


def unary(
    code: str,
    x: tuple[float, int],
    y: tuple[float, int],
    shape: Sequence[int] = (256,),
    **options: object,
) -> bytes:
    """An op of one int8 operand: scale and zero point of input and output."""
    shape = tuple(shape)
    return one_op(code, [T(shape, "int8", *x)], T(shape, "int8", *y), **options)


def pair(
    code: str,
    shapes: Sequence[Sequence[int]],
    scales: Sequence[float] = (0.5, 0.25, 1.0),
    zero_points: Sequence[int] = (3, -7, 11),
    **options: object,
) -> bytes:
    """One element-wise op: shapes of the inputs, scales and zero points of inputs and output."""
    a, b, y = (
        T(tuple(shape), "int8", scale, zero_point)
        for shape, scale, zero_point in zip(
            (*shapes, np.broadcast_shapes(*map(tuple, shapes))), scales, zero_points, strict=True
        )
    )
    return one_op(code, [a, b], y, **options)


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
    dtype: str = "int8",
    **options: object,
) -> bytes:
    """A convolution with per-tensor weights; scales of input, weights and output."""
    m = ModelBuilder()
    x = m.tensor(input_shape, dtype, scale=scales[0], zero_point=zero_points[0])
    inputs = [x, m.tensor(weights.shape, scale=scales[1], data=weights)]
    if bias is not None:
        inputs.append(m.tensor((len(bias),), "int32", scale=scales[0] * scales[1], data=bias))
    y = m.tensor(output_shape, dtype, scale=scales[2], zero_point=zero_points[1])
    stride = {"stride_h": 1, "stride_w": 1}
    m.op(code, inputs, [y], **{**stride, **options})
    return m.build()
