"""LOG_SOFTMAX: rows of all differences, of equal and of many elements."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op, unary
from tests.tflite_models.unary import rows_of_floats

CODE = "LOG_SOFTMAX"
Y = (1 / 16, 127)


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    if x.dtype == "float32":
        y = m.like(x, x.shape)
        m.op(CODE, [x], [y])
        return y
    y = m.tensor(x.shape, scale=Y[0], zero_point=Y[1])
    m.op(CODE, [x], [y])
    return y


def fits(x: Tensor) -> bool:
    return x.dtype == "int8" and x.scale > 2.0**-25


def edges() -> Iterator[Run]:
    yield from rows_of_floats(CODE)
    rng = np.random.default_rng(6)
    for depth in (1, 2, 3, 7, 255, 1000, 4095):
        x = np.full((2, depth), 5, np.int8)
        x[1, 1:] = -128
        yield unary(CODE, (0.1, 0), Y, (2, depth)), [x]
    for power in (*range(-25, 5, 2), 8, 30):
        scale = float(np.float32(2.0**power * rng.uniform(1, 2)))
        x = rng.integers(-128, 128, (40, 300))
        x[0, :256] = np.arange(-128, 128)
        x[1], x[1, 7] = -128, 127
        for row, low in enumerate(range(-120, 127, 8), start=2):
            x[row] = rng.integers(low, 127, 300, endpoint=True)
        yield unary(CODE, (scale, 9), Y, (40, 300)), [x.astype(np.int8)]


def refused() -> Iterator[Refused]:
    for y in ((1 / 16, 126), (1 / 15, 127)):
        yield Refused("expected 1/16 and 127", unary(CODE, (0.1, 0), y, (4,)), by_tflm=True)
    small = unary(CODE, (2.0**-26, 0), Y, (4,))
    yield Refused("expected more than 2**-26", small, by_tflm=True)
    yield Refused("over 4096 elements", unary(CODE, (0.1, 0), Y, (4096,)))
    yield Refused("of a scalar", one_op(CODE, (T(()),), T((), "int8", *Y)))
    yield Refused("expected [4]", one_op(CODE, (T((4,)),), T((2, 2), "int8", *Y)))
    yield Refused("needs one scale", one_op(CODE, (T((4,), scale=None),), T((4,), "int8", *Y)))


CASES = Cases(append, fits=fits, edges=edges, refused=refused)
