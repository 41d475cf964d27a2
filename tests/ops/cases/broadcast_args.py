"""BROADCAST_ARGS: pairs of constant shapes."""

from __future__ import annotations

from collections.abc import Iterator

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Of constants; nothing reads ``x``."""
    whole = [d.integer(1, 9) for _ in range(d.integer(1, 5))]
    shapes = []
    for _ in range(2):
        shape = [1 if d.chance(0.3) else n for n in whole]
        shapes.append(shape[d.integer(0, len(shape) - 1) :])
    dtype = x.dtype if x.dtype in ("int32", "int64") else "int32"
    longest = max(map(len, shapes))
    operands = [m.tensor((len(s),), dtype, data=s) for s in shapes]
    y = m.tensor((longest,), dtype)
    m.op("BROADCAST_ARGS", operands, [y])
    return y


def args(a: T, b: T, y: T) -> bytes:
    return one_op("BROADCAST_ARGS", (a, b), y)


def edges() -> Iterator[Run]:
    for dtype in ("int32", "int64"):
        for a, b in (((1,), (1,)), ((2, 1, 3), (4, 1)), ((5,), (2, 3, 1)), ((2, 3), (2, 3))):
            rank = max(len(a), len(b))
            model = args(ints(*a, dtype=dtype), ints(*b, dtype=dtype), T((rank,), dtype))
            yield run_of(model)


def refused() -> Iterator[Refused]:
    y = T((2,), "int32")
    yield Refused("do not broadcast to one", args(ints(2, 3), ints(4), y), by_tflm=True)
    yield Refused("must be constant", args(T((2,), "int32"), ints(2, 3), y))
    yield Refused("expected [2]", args(ints(2, 3), ints(3), T((3,), "int32")))
    column = T((2, 1), "int32", data=(2, 3))
    yield Refused("has 2 dimensions, expected 1", args(column, ints(2, 3), y))
    yield Refused("int8", args(T((1,), data=(1,)), T((1,), data=(2,)), T((1,))), by_tflm=True)


CASES = Cases(append, edges=edges, refused=refused)
