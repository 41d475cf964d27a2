"""SOFTMAX: rows of all differences, of equal and of many elements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op, unary

Y = (1 / 256, -128)


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    y = m.tensor(x.shape, scale=1 / 256, zero_point=-128)
    # the reference aborts unless beta * scale * 2**26 is above 1
    least = 2.0**-25 / (x.scale or 1.0)
    beta = d.power(-6, 6) if d.wild() else 1.0
    m.op("SOFTMAX", [x], [y], beta=max(beta, least))
    return y


def edges() -> Iterator[Run]:
    yield from all_differences()
    for depth in (1, 2, 3, 7, 255, 256, 257, 511, 512, 1000, 4095):
        x = np.full((2, depth), 5, np.int8)
        x[1, 1:] = -128
        x[0, 511:] = -128  # a sum of 512 is more than TFLM survives
        yield unary("SOFTMAX", (0.1, 0), Y, (2, depth), beta=1.0), [x]


def all_differences() -> Iterator[Run]:
    rng = np.random.default_rng(6)
    for power in (*range(-25, -2), -2.5, -1.3, 0, 1.7, 4, 8, 30):
        scale = float(np.float32(2.0**power * rng.uniform(1, 2)))
        x = rng.integers(-128, 128, (40, 300))
        x[0, :256] = np.arange(-128, 128)
        x[1], x[1, 7] = -128, 127
        for row, low in enumerate(range(-120, 127, 8), start=2):
            x[row] = rng.integers(low, 127, 300, endpoint=True)
        yield unary("SOFTMAX", (scale, 9), Y, (40, 300), beta=1.0), [x.astype(np.int8)]


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """A sum that TFLM does not survive leaves nothing anywhere."""
    model = unary("SOFTMAX", (0.1, 0), Y, (4095,), beta=1.0)
    yield model, [np.full(4095, 3, np.int8)], np.full(4095, -128, np.int8)


def refused() -> Iterator[Refused]:
    def softmax(
        beta: float = 1.0, x: tuple[float, int] = (0.1, 0), y: tuple[float, int] = Y
    ) -> bytes:
        return unary("SOFTMAX", x, y, (4,), beta=beta)

    for y in ((1 / 256, -127), (1 / 255, -128)):
        yield Refused("expected 1/256 and -128", softmax(y=y), by_tflm=True)
    for beta in (0.0, -1.0, float("nan")):
        yield Refused("expected more than", softmax(beta), by_tflm=True)
    yield Refused("expected more than", softmax(x=(2.0**-26, 0)), by_tflm=True)
    wide = unary("SOFTMAX", (0.1, 0), Y, (4096,), beta=1.0)
    yield Refused("SOFTMAX over 4096 elements", wide)
    scalar = one_op("SOFTMAX", (T(()),), T((), "int8", *Y), beta=1.0)
    yield Refused("SOFTMAX of a scalar", scalar)


CASES = Cases(append, edges=edges, left_open=left_open, refused=refused)
