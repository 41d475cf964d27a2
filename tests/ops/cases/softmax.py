"""SOFTMAX: rows of all differences, of equal and of many elements."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op, unary
from tests.tflite_models.unary import rows_of_floats

Y = (1 / 256, -128)


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Of int8 to int16, too, where graphs are not to be tame."""
    if x.dtype == "float32":
        y = m.like(x, x.shape)
        m.op("SOFTMAX", [x], [y], beta=d.power(-6, 6) if d.wild() else 1.0)
        return y
    if x.dtype == "int16":
        y = m.tensor(x.shape, "int16", scale=2.0**-15)
        beta = d.power(-6, 2) if d.wild() else 1.0
        m.op("SOFTMAX", [x], [y], beta=min(max(beta, 1e-9 / x.scale), 4.9 / x.scale))
        return y
    y = m.tensor(x.shape, scale=1 / 256, zero_point=-128)
    if not d.tame and x.index % 2 == 0 and math.prod(x.shape) % 3 == 0:
        y = m.tensor(x.shape, "int16", scale=2.0**-16, zero_point=-(1 << 15))
    # the reference aborts unless beta * scale * 2**26 is above 1
    least = 2.0**-25 / (x.scale or 1.0)
    beta = d.power(-6, 6) if d.wild() else 1.0
    m.op("SOFTMAX", [x], [y], beta=max(beta, least))
    return y


def edges() -> Iterator[Run]:
    yield from all_differences()
    yield from rows_of_int16()
    yield from rows_of_floats("SOFTMAX", beta=1.0)
    yield from rows_of_floats("SOFTMAX", beta=0.37)
    for depth in (1, 2, 3, 7, 255, 256, 257, 511, 512, 1000, 4095):
        x = np.full((2, depth), 5, np.int8)
        x[1, 1:] = -128
        x[0, 511:] = -128  # a sum of 512 is more than TFLM survives
        yield unary("SOFTMAX", (0.1, 0), Y, (2, depth), beta=1.0), [x]


def rows_of_int16() -> Iterator[Run]:
    """All values, equal ones, and steps of all sizes; to int16 also from int8."""
    rng = np.random.default_rng(7)
    for scale in (2e-9, 1e-5, 2.0**-15, 3e-4, 0.01, 0.3, 4.9):
        for depth in (1, 2, 5, 300, 5000):
            x = rng.integers(-(1 << 15), 1 << 15, (5, depth)).astype(np.int16)
            x[0], x[1] = 77, np.arange(depth) - (1 << 15)
            x[2] = rng.integers(-9, 9, depth)
            of_x = T(x.shape, "int16", float(np.float32(scale)))
            yield one_op("SOFTMAX", (of_x,), T(x.shape, "int16", 2.0**-15), beta=1.0), [x]
        short = rng.integers(-128, 128, (20, 40)).astype(np.int8)
        short[0] = 5
        of_x = T(short.shape, "int8", float(np.float32(scale * 32)), -3)
        y = T(short.shape, "int16", 2.0**-16, -(1 << 15))
        yield one_op("SOFTMAX", (of_x,), y, beta=1.0), [short]


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
    for y16 in (T((4,), "int16", 2.0**-15, 1), T((4,), "int16", 2.0**-16)):
        model = one_op("SOFTMAX", (T((4,), "int16", 0.1),), y16, beta=1.0)
        yield Refused("expected 1/32768 and 0", model, by_tflm=True)
    y16 = T((4,), "int16", 2.0**-15)
    of_8 = one_op("SOFTMAX", (T((4,)),), y16, beta=1.0)
    yield Refused("expected 1/65536 and -32768", of_8, by_tflm=True)
    pointed = one_op("SOFTMAX", (T((4,), "int16", 0.1, 1),), y16, beta=1.0)
    yield Refused("int16 with a zero point other than 0", pointed, by_tflm=True)
    for beta in (0.0, -1.0, 60.0):
        model = one_op("SOFTMAX", (T((4,), "int16", 0.1),), y16, beta=beta)
        yield Refused("expected more than 0 and less than 5", model)
    long = T((1, 65536), "int16", 0.1), T((1, 65536), "int16", 2.0**-15)
    yield Refused("expected at most 65535", one_op("SOFTMAX", long[:1], long[1], beta=1.0))
    scalar = one_op("SOFTMAX", (T(()),), T((), "int8", *Y), beta=1.0)
    yield Refused("SOFTMAX of a scalar", scalar)


CASES = Cases(append, floats=0.2, edges=edges, left_open=left_open, refused=refused)
