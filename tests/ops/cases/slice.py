"""SLICE: windows that begin anywhere, at constant and at computed places."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op

DTYPES = ("int8", "int16", "int32", "float32", "bool")


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Where the place is computed, there is room for a beginning of 1."""
    computed = not d.tame and d.chance(0.3)
    begin, size = [], []
    for extent in x.shape:
        n = d.integer(1, max(1, extent - 1) if computed else extent)
        begin.append(d.integer(0, extent - n))
        size.append(n)
    computed = computed and min(x.shape) > 1
    y = m.like(x, size)
    written = [
        -1 if at + n == extent and not computed and d.chance(0.3) else n
        for at, n, extent in zip(begin, size, x.shape, strict=True)
    ]
    ints = d.pick(("int32", "int64"))
    operands = [
        m.tensor((len(begin),), ints, data=None if computed else begin),
        m.tensor((len(size),), ints, data=written),
    ]
    m.op("SLICE", [x, *operands], [y])
    return y


def mend(place: int, zero_point: int, values: np.ndarray) -> np.ndarray:
    return values % 2 if place == 1 else values


def window(x: T, begin: T, size: T, y: Sequence[int]) -> bytes:
    return one_op("SLICE", (x, begin, size), T(tuple(y), x.dtype))


def edges() -> Iterator[Run]:
    seed = itertools.count()
    for dtype in DTYPES:
        for rank in range(1, 6):
            shape = (3, 4, 2, 5, 3)[:rank]
            size = tuple(n - 1 for n in shape)
            for at in (0, 1):
                begin = ints(*(at,) * rank)
                yield run_of(window(T(shape, dtype), begin, ints(*size), size), next(seed))
    for kind in ("int32", "int64"):
        x, size = T((4, 5)), ints(2, 3, dtype=kind)
        for begin in itertools.product(range(3), range(3)):
            model = window(x, T((2,), kind), size, (2, 3))
            (_, (values, _)) = run_of(model)
            yield model, [values, np.array(begin, kind)]


def left_open() -> Iterator[tuple[bytes, list[np.ndarray], np.ndarray]]:
    """Windows that are not inside."""
    x = np.arange(20, dtype=np.int8).reshape(4, 5)
    for kind, begin, at in (
        ("int32", (-1, 9), (0, 2)),
        ("int32", (3, -(2**31)), (2, 0)),
        ("int64", (2**40, -(2**40)), (2, 0)),
    ):
        model = window(T((4, 5)), T((2,), kind), ints(2, 3, dtype=kind), (2, 3))
        right = x[at[0] : at[0] + 2, at[1] : at[1] + 3]
        yield model, [x, np.array(begin, kind)], right


def refused() -> Iterator[Refused]:
    x, zero = T((2, 3)), ints(0, 0)
    yield Refused("[2, 3] at [1, 0] is not inside", window(x, ints(1, 0), ints(2, 3), (2, 3)))
    yield Refused("at [-1, 0] is not inside", window(x, ints(-1, 0), ints(2, 3), (2, 3)))
    yield Refused("[0, 3] at [0, 0] is not inside", window(x, zero, ints(0, 3), (1, 3)))
    yield Refused("[-2, 3] at", window(x, zero, ints(-2, 3), (2, 3)))
    computed = window(x, T((2,), "int32"), ints(-1, 3), (2, 3))
    yield Refused("[-1, 3] at a computed place", computed)
    yield Refused("expected [1, 3]", window(x, zero, ints(1, 3), (2, 3)))
    yield Refused("sizes (tensor 2) must be constant", window(x, zero, T((2,), "int32"), (2, 3)))
    yield Refused("expected [2]", window(x, ints(0), ints(2, 3), (2, 3)))
    mixed = window(x, zero, ints(2, 3, dtype="int64"), (2, 3))
    yield Refused("beginnings are int32, but the sizes are int64", mixed)
    small = window(x, ints(0, 0, dtype="int16"), ints(2, 3, dtype="int16"), (2, 3))
    yield Refused("are int16", small, by_tflm=True)
    six = (1,) * 6
    yield Refused("1 to 5", window(T(six), ints(*(0,) * 6), ints(*six), six))
    wide = window(T((2, 3), "int64"), zero, ints(2, 3), (2, 3))
    yield Refused("int64", wide, by_tflm=True)


CASES = Cases(append, edges=edges, left_open=left_open, refused=refused, mend=mend)
