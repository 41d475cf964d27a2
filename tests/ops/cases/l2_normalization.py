"""L2_NORMALIZATION: rows of zero points, of extremes, of one element and of many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op, unary
from tests.tflite_models.unary import rows_of_floats

CODE = "L2_NORMALIZATION"
OUTPUT = 1 / 128, 0


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    if x.dtype == "float32":
        y = m.like(x, x.shape)
        m.op(CODE, [x], [y])
        return y
    y = m.tensor(x.shape, scale=OUTPUT[0])
    m.op(CODE, [x], [y])
    return y


def edges() -> Iterator[Run]:
    yield from rows_of_floats(CODE)
    for size in (0.0, 1e-30, 1e-25, 1e-20, 1e-7, 9e-7, 1e-6, 1e15, 1e19):
        x = np.random.default_rng(2).normal(size=(20, 3)).astype(np.float32) * np.float32(size)
        yield one_op(CODE, [T(x.shape, "float32")], T(x.shape, "float32")), [x]
    for zero_point in (-128, -1, 0, 3, 127):
        values = np.arange(-128, 128).astype(np.int8)
        rows = values.reshape(256, 1), values.reshape(1, 256), values.reshape(2, 2, 4, 16)
        few = np.full((3, 40), zero_point, np.int8)
        few[1, 7] = zero_point - 1 if zero_point > 0 else zero_point + 1
        few[2] = -128
        for x in (*rows, few):
            yield unary(CODE, (0.1, zero_point), OUTPUT, x.shape), [x]
    most = np.full((1, 33025), 127, np.int8)  # (2**31 - 1) / 255**2
    yield unary(CODE, (0.1, -128), OUTPUT, most.shape), [most]


def refused() -> Iterator[Refused]:
    yield Refused("expected 1/128 and 0", unary(CODE, (0.1, 0), (0.1, 0)))
    yield Refused("expected 1/128 and 0", unary(CODE, (0.1, 0), (1 / 128, 1)))
    yield Refused("5 dimensions", unary(CODE, (0.1, 0), OUTPUT, (1,) * 5), by_tflm=True)
    yield Refused("0 dimensions", unary(CODE, (0.1, 0), OUTPUT, ()))
    model = unary(CODE, (0.1, 0), OUTPUT, fused_activation_function="RELU")
    yield Refused("fused activation 1", model, by_tflm=True)
    yield Refused("33026 squares", unary(CODE, (0.1, -128), OUTPUT, (1, 33026)))
    yield Refused("expected [3]", one_op(CODE, (T((3,)),), T((1, 3), scale=1 / 128)))
    bare = T((3,), scale=None)
    yield Refused("needs one scale", one_op(CODE, (bare,), T((3,), scale=1 / 128)))


CASES = Cases(append, (1, 4), edges=edges, refused=refused)
