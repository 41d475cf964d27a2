"""What the cases of ops of one operand share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from .builder import ModelBuilder, Tensor
from .cases import Cases, Quantized, Refused, Run, as_it_is
from .draw import Draw, float32
from .hand_made import T, one_op, unary


def rescaled(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """A new tensor of the shape of ``x`` with another scale, if it has one; multipliers up to
    2**20."""
    if not x.scale:
        return m.like(x, x.shape)
    scale = float32(x.scale / (d.power(-34, 20) if d.wild() else d.power(-1, 1)))
    return m.tensor(x.shape, x.dtype, scale=scale, zero_point=d.zero_point(x.dtype))


def sigmoid_shaped(m: ModelBuilder, d: Draw, x: Tensor, code: str, y: Quantized) -> Tensor:
    """LOGISTIC or TANH to ``y``; of int16 to 2**-15, from a scale that TFLM takes, of which powers
    of 2 are a case of their own."""
    if x.dtype == "float32":
        made = m.like(x, x.shape)
        m.op(code, [x], [made])
        return made
    if x.dtype == "int16":
        scale = 2.0 ** d.integer(-15, -9) if d.chance(0.5) else min(x.scale, 5.333)
        m.requantize(x, scale, 0)
        y = (2.0**-15, 0)
    made = m.tensor(x.shape, x.dtype, scale=y[0], zero_point=y[1])
    m.op(code, [x], [made])
    return made


def refused_words(code: str) -> Iterator[Refused]:
    """What LOGISTIC and TANH refuse of int16."""
    x, y = T((4,), "int16", 2.0**-12), T((4,), "int16", 2.0**-15)
    rough = one_op(code, [x], T((4,), "int16", 2.0**-14))
    yield Refused("gives multiples of 2**-15", rough, by_tflm=True)
    for scale in (5.34, 2.0**-45):
        yield Refused("less than 5.33333", one_op(code, [T((4,), "int16", scale)], y))
    for made in ([T((4,), "int16", 2.0**-12, 1)], y), ([x], T((4,), "int16", 2.0**-15, 1)):
        yield Refused("with a zero point other than 0", one_op(code, *made), by_tflm=True)


def saturating_scales(output: Quantized) -> Iterator[tuple[Quantized, Quantized]]:
    """Scales at which the first or the last difference leaves the range of 4 integer bits."""
    for scale in (15 / 255, 15 / 128, 15 / 127, 15.0, 7.5, 2.0**-28, 2.0**30):
        for nudge in (0.0, 1.0, np.inf):
            near = float(np.nextafter(np.float32(scale), np.float32(nudge)))
            if 2.0**-28 <= near <= 2.0**30:
                for zero_point in (-128, 0, 127):
                    yield (near, zero_point), output


def of_floats(code: str, **more: Any) -> Cases:
    """The cases of an op on float32, and perhaps on int8."""

    def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
        y = near_scale(m, d, x)
        m.op(code, [x], [y])
        return y

    def edges() -> Iterator[Run]:
        """Halves, their neighbours, numbers around which none has a fraction, zeros, subnormals."""
        halves = np.arange(-9, 9, 0.5, np.float32)
        near = [np.nextafter(halves, np.float32(to)) for to in (-np.inf, np.inf)]
        wide = np.array([2**22 + 0.5, 2**23 - 0.5, 2**23 + 1, 2**24, 3e38, 1e-40, 1e-45, 0])
        real = np.concatenate([halves, *near, wide, -wide]).astype(np.float32)
        x = more.get("mend", as_it_is)(0, 0, real)
        yield one_op(code, [T(x.shape, "float32")], T(x.shape, "float32")), [x]

    def refused() -> Iterator[Refused]:
        x, y = T((4,), "float32"), T((3,), "float32")
        yield Refused("expected [4]", one_op(code, [x], y))
        yield Refused("takes at most 1 input", one_op(code, [x, x], T((4,), "float32")))

    return Cases(append, dtype="float32", edges=edges, refused=refused, **more)


def magnitude(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    """``Cases.mend`` of ops that are defined for numbers that are not negative."""
    return np.abs(values)


def refused_multiplier(code: str) -> Iterator[Refused]:
    """Scales whose quotient no multiplier and shift express, from 2**30 on."""
    yield Refused("multiplies by 1.07374e+09", unary(code, (1.0, 0), (2.0**-30, 0), (4,)))
    yield Refused("multiplies by", unary(code, (1e3, 0), (1e-10, 0), (4,)))


def of_angles(code: str) -> Cases:
    """The cases of SIN and COS."""
    alike = of_floats(code)

    def edges() -> Iterator[Run]:
        """Angles of all sizes, tiny ones, and those that are nearly multiples of pi / 2."""
        yield from alike.edges()
        rng = np.random.default_rng(9)
        spread = rng.normal(size=9000) * 10.0 ** rng.uniform(-45, 38, 9000)
        turns = (np.arange(-90, 90) * (np.pi / 2)).astype(np.float32)
        near = [turns + np.spacing(turns) * step for step in range(-8, 9)]
        places = np.float32([0.75, np.pi / 4, 2.0**-12, 120.0])
        around = (places.view(np.int32)[:, None] + np.arange(-9, 9)).astype(np.int32)
        x = np.concatenate([spread, *near, around.view(np.float32).reshape(-1)])
        x = np.concatenate([x, -x, np.zeros(1), -np.zeros(1)]).astype(np.float32)
        yield one_op(code, [T(x.shape, "float32")], T(x.shape, "float32")), [x]

    return replace(alike, edges=edges)


def rows_of_floats(code: str, **options: object) -> Iterator[Run]:
    """Rows of all depths and spreads, of equal numbers, and of numbers that are far apart."""
    rng = np.random.default_rng(10)
    for depth in (1, 2, 3, 10, 257, 1001):
        x = rng.normal(size=(40, depth)) * 10.0 ** rng.uniform(-6, 2.5, (40, 1))
        x[0], x[1] = 5.0, -np.arange(depth) * 0.7
        x[2, 0] = 1e9
        real = x.astype(np.float32)
        yield one_op(code, [T(real.shape, "float32")], T(real.shape, "float32"), **options), [real]


def near_scale(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """A new tensor of the shape of ``x`` with a scale of which functions have many steps."""
    if x.dtype == "float32":
        return m.like(x, x.shape)
    return m.tensor(x.shape, x.dtype, scale=float32(d.power(-6, 0)), zero_point=d.zero_point())


def refused_results(code: str, zero: int = 0) -> Iterator[Refused]:
    """What functions of int8 refuse of all scales and shapes."""
    for x, y in (((1e-40, zero), (1.0, 0)), ((0.1, zero), (1e-40, 0))):
        yield Refused("subnormal", unary(code, x, y, (4,)))
    yield Refused("expected [4]", one_op(code, [T((4,))], T((3,))))
    yield Refused("needs one scale", one_op(code, [T((4,), scale=None)], T((4,))))
    yield Refused("expected at most 1e+12", unary(code, (1e10, zero), (1.0, 0), (4,)))
