"""DEQUANTIZE: products with a float32 scale, up to the ends of its range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op

VALUES = {
    "int8": np.arange(-128, 128).astype(np.int8),
    "uint8": np.arange(256).astype(np.uint8),
    "int16": np.arange(-(2**15), 2**15, 7).astype(np.int16),
}


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, "float32")
    m.op("DEQUANTIZE", [x], [y])
    return y


def edges() -> Iterator[Run]:
    rng = np.random.default_rng(10)
    scales = [2.0**-126, 1e-30, 1e-3, 1.0, 1e36, 3e38, *(2.0 ** rng.uniform(-20, 20, 60))]
    for turn, scale in enumerate(map(float, scales)):
        values = [*VALUES.values()][turn % 3]
        zero_point = int(rng.choice(values[:256]))
        x = T(values.shape, values.dtype.name, scale=scale, zero_point=zero_point)
        yield one_op("DEQUANTIZE", (x,), T(values.shape, "float32")), [values]


def refused() -> Iterator[Refused]:
    tiny = one_op("DEQUANTIZE", (T((2,), scale=1e-40),), T((2,), "float32"))
    yield Refused("subnormal", tiny)


CASES = Cases(append, edges=edges, refused=refused)
