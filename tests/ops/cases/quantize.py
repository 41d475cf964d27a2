"""QUANTIZE: quotients of float32 near halves and beyond any range, and integers of each type."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.unary import refused_multiplier, rescaled

OUTPUTS = {
    "float32": ("int8", "int16"),
    "int8": ("int8", "int8", "uint8", "int16", "int32"),
    "uint8": ("int8",),
    "int16": ("int8", "int16", "int32"),
    "int32": ("int8", "int16"),
}


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """To any type that there is; from int8 in a graph of many ops to int8 alone."""
    dtype = "int8" if d.tame else d.pick(OUTPUTS[x.dtype])
    if x.dtype == "float32":
        y = m.tensor(x.shape, dtype, scale=d.scale(), zero_point=d.zero_point(dtype))
    elif dtype == x.dtype == "int8":
        y = rescaled(m, d, x)
    else:
        y = to_other_type(m, d, x, dtype)
    m.op("QUANTIZE", [x], [y])
    return y


def to_other_type(m: ModelBuilder, d: Draw, x: Tensor, dtype: str) -> Tensor:
    """Of a like range, or any; zero points of 16 and 32 bits are 0 in most models."""
    scale = x.scale or float32(d.scale() / 2**12)
    points = (d.integer(-3000, 3000) if d.chance(0.3) else 0 for _ in range(2))
    before, after = (
        d.zero_point(each) if each in ("int8", "uint8") else point
        for each, point in zip((x.dtype, dtype), points, strict=True)
    )
    m.requantize(x, scale, before)
    bits = {"int8": 8, "uint8": 8, "int16": 16, "int32": 26}
    factor = d.power(-30, 24) if d.wild() else d.power(-1, 2)
    factor = min(factor * 2.0 ** (bits[dtype] - bits[x.dtype]), 2.0**29)
    return m.tensor(x.shape, dtype, scale=float32(scale / factor), zero_point=after)


def from_float(values: np.ndarray, scale: float, zero_point: int, dtype: str = "int8") -> bytes:
    x, y = T(values.shape, "float32"), T(values.shape, dtype, scale=scale, zero_point=zero_point)
    return one_op("QUANTIZE", (x,), y)


def between(x: T, y: T) -> bytes:
    """With the scales of both, whatever their types."""
    m = ModelBuilder()
    a, b = (m.tensor(t.shape, t.dtype, scale=t.scale, zero_point=t.zero_point) for t in (x, y))
    m.op("QUANTIZE", [a], [b])
    return m.build()


def edges() -> Iterator[Run]:
    """Halves and their neighbours; what is but a bit turned over; sums that wrap at 32 bits."""
    rng = np.random.default_rng(9)
    for turn in range(60):
        scale, zero_point = float(np.float32(rng.uniform(0.001, 3))), int(rng.integers(-128, 128))
        exact = (np.arange(-300, 300, 0.5) * scale).astype(np.float32)
        near = [np.nextafter(exact, np.float32(to)) for to in (-np.inf, np.inf)]
        tiny = np.array([0.0, -0.0, 1e-45, -1e-45, 1.2e-38], np.float32)
        x = np.concatenate([exact, *near, tiny])
        yield from_float(x, scale, zero_point, ("int8", "int16")[turn % 2]), [x]
    signed = np.arange(-128, 128).astype(np.int8)
    plain = np.arange(256).astype(np.uint8)
    for zero_point in (-128, -1, 0, 127):
        for apart in (127, 128, 129):
            a = T((256,), "int8", 0.25, zero_point)
            b = T((256,), "uint8", 0.25, int(np.clip(zero_point + apart, 0, 255)))
            yield between(a, b), [signed]
            yield between(b, a), [plain]
    wide = np.array([-(2**31), -(2**31) + 1, -1, 0, 1, 2**31 - 1], np.int32)
    for dtype, point in (("int8", 127), ("int8", -128), ("int16", 30000), ("int16", 0)):
        for before in (0, 5, -5):
            x = T((6,), "int32", 0.5, before)
            yield between(x, T((6,), dtype, 0.5, point)), [wide]
            yield between(x, T((6,), dtype, 2.0**20, point)), [wide]


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """What no int32 holds saturates; a NaN is taken for zero."""
    x = np.array([np.inf, 3e38, 1e10, -1e10, -3e38, -np.inf, np.nan, -np.nan], np.float32)
    for dtype in ("int8", "int16"):
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        for zero_point in (-128, -5, 0, 5, 127):
            y = np.array([high] * 3 + [low] * 3 + [zero_point] * 2, dtype)
            yield from_float(x, 0.1, zero_point, dtype), [x], y


def refused() -> Iterator[Refused]:
    yield from refused_multiplier("QUANTIZE")
    yield Refused("subnormal", from_float(np.zeros(2), 1e-40, 0))
    for x, y in (("uint8", "uint8"), ("int32", "int32"), ("float32", "int32"), ("bool", "int8")):
        yield Refused(f"but tensor {int(x != 'bool')} is", between(T((2,), x), T((2,), y)))


CASES = Cases(append, floats=0.6, edges=edges, left_open=left_open, refused=refused)
