"""QUANTIZE: quotients of float32 near halves and beyond any range, and int8 to another scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op
from tests.tflite_models.unary import refused_multiplier, rescaled


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """From float32, or from int8 to another scale and zero point."""
    if x.dtype == "float32":
        y = m.tensor(x.shape, scale=d.scale(), zero_point=d.zero_point())
    else:
        y = rescaled(m, d, x)
    m.op("QUANTIZE", [x], [y])
    return y


def from_float(values: np.ndarray, scale: float, zero_point: int) -> bytes:
    x, y = T(values.shape, "float32"), T(values.shape, scale=scale, zero_point=zero_point)
    return one_op("QUANTIZE", (x,), y)


def edges() -> Iterator[Run]:
    """Halves and their neighbours."""
    rng = np.random.default_rng(9)
    for _ in range(60):
        scale, zero_point = float(np.float32(rng.uniform(0.001, 3))), int(rng.integers(-128, 128))
        exact = (np.arange(-300, 300, 0.5) * scale).astype(np.float32)
        near = [np.nextafter(exact, np.float32(to)) for to in (-np.inf, np.inf)]
        tiny = np.array([0.0, -0.0, 1e-45, -1e-45, 1.2e-38], np.float32)
        x = np.concatenate([exact, *near, tiny])
        yield from_float(x, scale, zero_point), [x]


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """What no int32 holds saturates; a NaN is taken for zero."""
    x = np.array([np.inf, 3e38, 1e10, -1e10, -3e38, -np.inf, np.nan, -np.nan], np.float32)
    for zero_point in (-128, -5, 0, 5, 127):
        y = np.array([127] * 3 + [-128] * 3 + [zero_point] * 2, np.int8)
        yield from_float(x, 0.1, zero_point), [x], y


def refused() -> Iterator[Refused]:
    yield from refused_multiplier("QUANTIZE")
    yield Refused("subnormal", from_float(np.zeros(2), 1e-40, 0))


CASES = Cases(append, floats=0.6, edges=edges, left_open=left_open, refused=refused)
