"""RESHAPE: any factors of the size; TFLM reads neither the operand nor the option."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """To any factors of the size; the new shape in the options, in an operand, or in both."""
    rest = math.prod(x.shape)
    shape: list[int] = []
    for _ in range(d.integer(0, 4)):
        shape.append(d.pick([n for n in range(1, rest + 1) if rest % n == 0]))
        rest //= shape[-1]
    shape.insert(d.integer(0, len(shape)), rest)
    y = m.like(x, shape)
    written = [-1 if i == 0 and d.chance(0.2) else n for i, n in enumerate(shape)]
    where = d.integer(0, 2)
    data = None if not d.tame and d.chance(0.2) else written
    inputs = [x] if where == 0 else [x, m.tensor((len(shape),), "int32", data=data)]
    m.op("RESHAPE", inputs, [y], **({} if where == 1 else {"new_shape": written}))
    return y


def edges() -> Iterator[Run]:
    for dtype in ("int8", "int16", "float32"):
        for seed, (shape, output) in enumerate(
            (((2, 3, 4), (4, 6)), ((1, 1), ()), ((), (1, 1, 1)))
        ):
            operands = [T(shape, dtype), *([ints(*output)] if output else [])]
            yield run_of(one_op("RESHAPE", operands, T(output, dtype)), seed)


def refused() -> Iterator[Refused]:
    x = T((2, 3))
    fewer = one_op("RESHAPE", (x,), T((5,)))
    yield Refused("(6 elements) to [5] (5 elements)", fewer, by_tflm=True)
    nine = one_op("RESHAPE", (x,), T((6,)), new_shape=[1] * 8 + [6])
    yield Refused("new_shape has 9 sizes", nine, by_tflm=True)
    yield Refused("int16", one_op("RESHAPE", (x,), T((6,), "int16")), by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
