"""ELU: exponentials in float32, and scales beyond which TFLM's conversion is undefined."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run
from tests.tflite_models.draw import Draw, float32
from tests.tflite_models.hand_made import T, one_op, unary


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    if x.dtype == "float32":
        y = m.like(x, x.shape)
        m.op("ELU", [x], [y])
        return y
    ratio = d.power(-34, 20) if d.wild() else d.power(-1, 1)
    scale = float32(max(x.scale / ratio, 2.0**-20))
    y = m.tensor(x.shape, x.dtype, scale=scale, zero_point=d.zero_point())
    m.op("ELU", [x], [y])
    return y


def refused() -> Iterator[Refused]:
    yield Refused("at most 2**30", unary("ELU", (1e3, 0), (2.0**-14, 0), (4,)))
    yield Refused("at most 2**30", unary("ELU", (1.0, 0), (1e-10, 0), (4,)))
    yield Refused("subnormal", unary("ELU", (1e-40, 0), (1.0, 0), (4,)))
    yield Refused("subnormal", unary("ELU", (1e-30, 0), (1e-40, 0), (4,)))


def edges() -> Iterator[Run]:
    """float32 of all magnitudes, and around the places where the arithmetic changes."""
    rng = np.random.default_rng(5)
    places = np.float32([2.0**-25, np.log(2) / 2, 1.5 * np.log(2), 27 * np.log(2)])
    near = (places.view(np.int32)[:, None] + np.arange(-20, 20)).astype(np.int32).view(np.float32)
    spread = np.abs(rng.normal(size=4000)) * 10.0 ** rng.uniform(-6, 1.5, 4000)
    x = -np.concatenate([near.reshape(-1), spread, [0.0, 1e-45, 3e38]]).astype(np.float32)
    yield one_op("ELU", [T(x.shape, "float32")], T(x.shape, "float32")), [x]


CASES = Cases(append, edges=edges, refused=refused)
