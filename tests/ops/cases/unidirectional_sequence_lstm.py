"""UNIDIRECTIONAL_SEQUENCE_LSTM: batches and steps in either order, clips, scales of the state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op

CODE = "UNIDIRECTIONAL_SEQUENCE_LSTM"


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    units, time_first = d.extent(40 if d.chance(0.2) else 9), d.chance(0.5)
    depth, batches = x.shape[2], x.shape[int(time_first)]
    wide = x.dtype == "int16"
    scale, zero_point = (2.0**-15, 0) if wide else (d.power(-9, -6), d.integer(-30, 30))

    def weights(inputs: int, of: float) -> Tensor:
        """Such that sums are some units of 1, in which sigmoids are neither flat nor straight."""
        reach = of * (2.0**15 if wide else 2.0**7) * 64 * np.sqrt(inputs)
        shape = units, inputs
        return m.tensor(shape, scale=2.0 ** d.rng.uniform(-1, 4) / reach, data=d.int8(shape))

    def bias(w: Tensor) -> Tensor:
        steps = d.rng.normal(size=units) / (x.scale * w.scale)
        kind, most = ("int64", 2**40) if wide else ("int32", 2**30)
        return m.tensor((units,), kind, scale=x.scale * w.scale, data=np.clip(steps, -most, most))

    inputs = [weights(depth, x.scale) for _ in range(4)]
    recurrent = [weights(units, scale) for _ in range(4)]
    state = batches, units
    hidden = m.tensor(state, x.dtype, scale=scale, zero_point=zero_point, variable=True)
    cell = m.tensor(state, "int16", scale=2.0 ** d.integer(-16, -8), variable=True)
    y = m.tensor((*x.shape[:2], units), x.dtype, scale=scale, zero_point=zero_point)
    clip = d.pick((0.0, 0.0, -1.0, 0.3, 10.0, 1e30))
    operands = [*map(bias, inputs), None, None, hidden, cell, *[None] * 4]
    m.op(
        CODE,
        [x, *inputs, *recurrent, None, None, None, *operands],
        [y],
        fused_activation_function="TANH",
        cell_clip=clip,
        time_major=time_first,
    )
    return y


W, R, B = (
    T((3, 4), data=np.ones((3, 4))),
    T((3, 3), data=np.ones((3, 3))),
    T((3,), "int32", data=[7, 8, 9]),
)
STATE = T((2, 3), scale=2.0**-7, variable=True), T((2, 3), "int16", 2.0**-11, variable=True)


def made(changes: dict[int, T | None] | None = None, **options: object) -> bytes:
    """2 batches, 5 steps of 4 inputs, 3 units; other operands by their places, 24 is the output."""
    operands: list[T | None] = [T((2, 5, 4), scale=0.01)]
    operands += [replace(W) for _ in range(4)] + [replace(R) for _ in range(4)] + [None] * 3
    operands += [replace(B) for _ in range(4)] + [None, None, *map(replace, STATE)] + [None] * 4
    operands.append(T((2, 5, 3), scale=2.0**-7))
    for place, operand in (changes or {}).items():
        operands[place] = operand
    *inputs, output = operands
    assert output is not None
    given = {"fused_activation_function": "TANH", **options}
    return one_op(CODE, inputs, output, **given)


def refused() -> Iterator[Refused]:
    hidden, cell = STATE
    yield Refused("needs 24 inputs", short(20), by_tflm=True)
    for place, meaning in ((9, "peepholes"), (16, "a projection"), (23, "layer normalization")):
        extra = T((3,), "int16", data=np.ones(3))
        yield Refused(meaning, made({place: extra}), by_tflm=True)
    for place in (3, 8, 13, 18, 19):
        yield Refused(f"Input {place} of the LSTM is absent", made({place: None}), by_tflm=True)
    for place, state in ((18, hidden), (19, cell)):
        stateless = made({place: replace(state, variable=False)})
        yield Refused("does not say to be a variable", stateless, by_tflm=True)
    for name, number in (("NONE", 0), ("RELU", 1), ("SIGN_BIT", 5)):
        yield Refused(f"activation {number}", made(fused_activation_function=name))
    yield Refused("no number", made(cell_clip=float("nan")))
    yield from refused_shapes()
    yield from refused_scales()


def short(count: int) -> bytes:
    """With fewer inputs, as converters made it before there was layer normalization."""
    m = ModelBuilder()
    x, y = m.tensor((2, 5, 4), scale=0.01), m.tensor((2, 5, 3), scale=2.0**-7)
    m.op(CODE, [x, *[None] * (count - 1)], [y], fused_activation_function="TANH")
    return m.build()


def refused_shapes() -> Iterator[Refused]:
    hidden, cell = STATE
    for place, operand in (
        (2, replace(W, shape=(4, 3))),
        (6, replace(R, shape=(3, 4), data=np.ones((3, 4)))),
        (14, replace(B, shape=(3, 1))),
        (18, replace(hidden, shape=(6,))),
        (24, T((2, 4, 3), scale=2.0**-7)),
    ):
        yield Refused("has shape", made({place: operand}))
    yield Refused("has 5 elements", made({19: replace(cell, shape=(5,))}), by_tflm=True)
    yield Refused("dimensions, expected 3", made({0: T((2, 5, 4, 1), scale=0.01)}))


def refused_scales() -> Iterator[Refused]:
    hidden, cell = STATE
    for scale in (2.0**-11 * 1.01, 2.0**-28, 2.0**3):
        yield Refused("expected a power of two", made({19: replace(cell, scale=scale)}))
    scales = [0.1, 0.2, 0.3]
    yield Refused("one scale and zero point", made({1: replace(W, scale=scales)}))
    yield Refused("zero point other than 0", made({1: replace(W, zero_point=1)}))
    yield Refused("zero point other than 0", made({19: replace(cell, zero_point=1)}))
    yield Refused("must be constant", made({7: replace(R, data=None)}))
    yield Refused("must be constant", made({15: replace(B, data=None)}))
    yield Refused("multiplies by", made({5: replace(R, scale=1e30)}))
    yield Refused("multiplies by", made({18: replace(hidden, scale=1e-30)}))
    yield Refused("can reach", made({12: replace(B, data=[2**31 - 1] * 3)}))
    wide = made(
        {
            0: T((2, 5, 4), "int16", scale=0.01),
            1: replace(W, scale=1e3),
            **dict.fromkeys(range(12, 16), replace(B, dtype="int64")),
            18: replace(hidden, dtype="int16"),
            24: T((2, 5, 3), "int16", scale=2.0**-7),
        }
    )
    yield Refused("64 bits can be", wide)


def counted() -> Iterator[tuple[bytes, int]]:
    yield made(), 2 * 5 * 3 * 4 * (4 + 3)


CASES = Cases(append, (3, 3), refused=refused, counted=counted)
