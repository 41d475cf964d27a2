"""SVDF: ranks, memories of one value and more, states of 8 and 16 bits and any zero point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op

CODE = "SVDF"


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Sums in time of int16 wrap now and then."""
    (batches, depth), kind = x.shape, d.pick(("int8", "int16"))
    rank, units, memory = d.integer(1, 3), d.extent(9), d.extent(20)
    filters, wide = rank * units, kind == "int16"
    scale = x.scale * (d.power(-14, -8) if wide else d.power(-7, 1))
    time_scale = d.power(-16, -10) if wide else d.power(-9, -5)
    sums = 2.0**20 if wide else 2.0**7
    y = m.tensor(
        (batches, units),
        scale=scale * time_scale * sums * d.power(-2, 2),
        zero_point=d.zero_point("int8"),
    )
    features, times = (filters, depth), (filters, memory)
    bias = d.rng.integers(-5000, 5000, units)
    inputs = [
        x,
        m.tensor(features, scale=d.power(-9, -5), data=d.int8(features)),
        m.tensor(times, kind, scale=time_scale, data=d.values(times, kind)),
        m.tensor((units,), "int32", scale=scale * time_scale, data=bias),
        m.tensor(
            (batches, filters * memory),
            kind,
            scale=scale,
            zero_point=d.zero_point(kind),
            variable=True,
        ),
    ]
    m.op(CODE, inputs, [y], rank=rank, fused_activation_function=d.pick(("NONE", "RELU")))
    return y


STEP = 2.0**-9
"""A scale of which a product with another is so small that a bias needs none."""

FEATURES, TIMES = T((6, 3), data=np.ones((6, 3))), T((6, 4), "int8", STEP, data=np.ones((6, 4)))
BIAS, STATE = T((3,), "int32", data=[1, 2, 3]), T((2, 24), "int8", STEP, variable=True)


def made(changes: dict[int, T | None] | None = None, **options: object) -> bytes:
    """2 batches of 3 inputs, 6 filters of rank 2 and memory 4; others by place, 5 is the output."""
    operands: list[T | None] = [T((2, 3)), FEATURES, TIMES, BIAS, STATE, T((2, 3), scale=STEP)]
    for place, operand in (changes or {}).items():
        operands[place] = operand
    *inputs, output = operands
    assert output is not None
    return one_op(CODE, inputs, output, **{"rank": 2, **options})


def refused() -> Iterator[Refused]:
    yield Refused("needs 5 inputs", one_op(CODE, [T((2, 3)), FEATURES], T((2, 3)), rank=2))
    yield Refused("does not survive", made({3: None}), by_tflm=True)
    yield Refused("Input 2 of SVDF is absent", made({2: None}), by_tflm=True)
    stateless = made({4: replace(STATE, variable=False)})
    yield Refused("does not say to be a variable", stateless, by_tflm=True)
    yield Refused("no multiple of the rank", made(rank=4), by_tflm=True)
    for rank in (0, -2):
        yield Refused("no multiple of the rank", made(rank=rank))
    for place, operand in (
        (1, T((6, 2), data=np.ones((6, 2)))),
        (3, replace(BIAS, shape=(2,), data=[1, 2])),
        (4, replace(STATE, shape=(1, 48))),
        (5, T((2, 2))),
    ):
        yield Refused("has shape", made({place: operand}), by_tflm=True)
    yield Refused("dimensions, expected 2", made({0: T((2, 3, 1))}), by_tflm=True)
    mixed = made({4: replace(STATE, dtype="int16")})
    yield Refused("supports int8 here", mixed)
    yield Refused("zero point other than 0", made({2: replace(TIMES, zero_point=1)}))
    yield Refused("zero point other than 0", made({1: replace(FEATURES, zero_point=1)}))
    wide = {2: replace(TIMES, dtype="int16"), 4: replace(STATE, dtype="int16", zero_point=3)}
    yield Refused("int16 with a zero point", made(wide))
    yield Refused("one scale and zero point", made({2: replace(TIMES, scale=[0.5] * 6)}))
    for place, operand in ((2, TIMES), (3, BIAS), (1, FEATURES)):
        yield Refused("must be constant", made({place: replace(operand, data=None)}))
    yield Refused("The bias", made({4: replace(STATE, scale=2.0**-7)}), by_tflm=True)
    yield Refused("multiplies by", made({5: T((2, 3), scale=1e-30)}))


def counted() -> Iterator[tuple[bytes, int]]:
    yield made(), 2 * 6 * (3 + 4)


CASES = Cases(append, (2, 2), refused=refused, counted=counted)
