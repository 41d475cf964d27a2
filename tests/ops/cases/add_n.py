"""ADD_N: two to seven tensors, also one of them several times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.tflite_models.binary import sum_scale
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, one_op


def join(m: ModelBuilder, d: Draw, x: Tensor, others: Sequence[Tensor]) -> Tensor:
    tensors = [x, *others]
    if x.dtype == "int8":
        y = m.tensor(x.shape, scale=sum_scale(m, d, x, x), zero_point=d.zero_point())
    else:
        y = m.tensor(x.shape, x.dtype)
    m.op("ADD_N", tensors, [y])
    return y


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    others = []
    for _ in range(d.integer(1, 6)):
        if d.chance(0.2):
            others.append(x)
            continue
        data = d.values(x.shape, x.dtype) if d.tame or d.chance(0.2) else None
        quantization = {"scale": x.scale or None, "zero_point": x.zero_point}
        others.append(m.tensor(x.shape, x.dtype, data=data, **quantization))
    return join(m, d, x, others)


def edges() -> Iterator[Run]:
    """So many that sums leave 32 bits."""
    for count in (15, 16, 40):
        tensors = [T((50,), scale=0.5, zero_point=-128) for _ in range(count)]
        yield run_of(one_op("ADD_N", tensors, T((50,), scale=8.0, zero_point=3)))


def refused() -> Iterator[Refused]:
    x, y = T((2, 3)), T((2, 3))
    yield Refused("needs 2 to 255 inputs", one_op("ADD_N", [x], y), by_tflm=True)
    yield Refused("takes at most 255 inputs", one_op("ADD_N", [x] * 256, y))
    yield Refused("expected [2, 3]", one_op("ADD_N", [x, T((3,))], y), by_tflm=True)
    yield Refused("same scale", one_op("ADD_N", [x, T((2, 3), scale=0.1)], y), by_tflm=True)
    tiny = one_op("ADD_N", [x, x], T((2, 3), scale=2.0**-21))
    yield Refused("expected less than 2**19", tiny, by_tflm=True)
    yield Refused("has 0", one_op("ADD_N", [T((4,), scale=None)] * 2, T((4,))))


CASES = Cases(append, join=join, edges=edges, refused=refused)
