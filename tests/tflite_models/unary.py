"""SOFTMAX, RELU, RELU6, LOGISTIC, TANH, QUANTIZE and DEQUANTIZE."""

from __future__ import annotations

from .builder import ModelBuilder, Tensor
from .draw import Draw, float32


def softmax(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, scale=1 / 256, zero_point=-128)
    # the reference aborts unless beta * scale * 2**26 is above 1
    least = 2.0**-25 / x.scale
    beta = d.power(-6, 6) if d.wild() else 1.0
    m.op("SOFTMAX", [x], [y], beta=max(beta, least))
    return y


def relu(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = _rescaled(m, d, x)
    m.op("RELU", [x], [y])
    return y


def relu6(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, scale=x.scale, zero_point=x.zero_point)
    m.op("RELU6", [x], [y])
    return y


def logistic(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, scale=1 / 256, zero_point=-128)
    m.op("LOGISTIC", [x], [y])
    return y


def tanh(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, scale=1 / 128, zero_point=0)
    m.op("TANH", [x], [y])
    return y


def quantize(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """From float32, or from int8 to another scale and zero point."""
    if x.dtype == "float32":
        y = m.tensor(x.shape, scale=d.scale(), zero_point=d.zero_point())
    else:
        y = _rescaled(m, d, x)
    m.op("QUANTIZE", [x], [y])
    return y


def dequantize(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, "float32")
    m.op("DEQUANTIZE", [x], [y])
    return y


def _rescaled(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """A new tensor of the shape of ``x`` with another scale; multipliers up to 2**20."""
    scale = float32(x.scale / (d.power(-34, 20) if d.wild() else d.power(-1, 1)))
    return m.tensor(x.shape, scale=scale, zero_point=d.zero_point())
