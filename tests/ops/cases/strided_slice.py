"""STRIDED_SLICE: begin and end around every edge, backwards, removed dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    """Any strides and masks that leave at least one element, indices beyond the ends included."""
    begins, ends, strides, shape = [], [], [], []
    masks = {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    for axis, extent in enumerate(x.shape):
        bit = 1 << axis
        if d.chance(0.1):  # TFLM copies nothing for a shrunk axis of negative stride
            begins.append(d.integer(-extent, extent - 1))
            ends.append(d.integer(-extent, extent))
            strides.append(1)
            masks["shrink_axis_mask"] |= bit
            continue
        begin, end, stride = _slice(d, extent)
        masks["begin_mask"] |= bit * (begin is None)
        masks["end_mask"] |= bit * (end is None)
        begins.append(d.integer(-9, 9) if begin is None else begin)
        ends.append(d.integer(-9, 9) if end is None else end)
        strides.append(stride)
        shape.append(len(range(extent)[begin:end:stride]))
    y = m.like(x, shape)
    operands = [m.tensor((len(x.shape),), "int32", data=v) for v in (begins, ends, strides)]
    m.op("STRIDED_SLICE", [x, *operands], [y], **masks)
    return y


def _slice(d: Draw, extent: int) -> tuple[int | None, int | None, int]:
    """Python's slice arguments for a part of ``extent`` that is not empty."""
    while True:
        begin = None if d.chance(0.5) else d.integer(-extent - 2, extent + 1)
        end = None if d.chance(0.5) else d.integer(-extent - 2, extent + 2)
        stride = d.pick((1, 1, 1, 2, -1, -1, -2, 5))
        if len(range(extent)[begin:end:stride]) > 0:
            return begin, end, stride


def strided_slice(
    shape: Sequence[int],
    begin: Sequence[int],
    end: Sequence[int],
    strides: Sequence[int],
    output: Sequence[int],
    dtype: str = "int8",
    **masks: object,
) -> bytes:
    operands = (T(tuple(shape), dtype), *(ints(*values) for values in (begin, end, strides)))
    return one_op("STRIDED_SLICE", operands, T(tuple(output), dtype), **masks)


def every_edge() -> Iterator[bytes]:
    """Slices of one dimension with begin and end around all its edges."""
    size = 5
    around = (-7, -6, -5, -4, -1, 0, 1, 4, 5, 6, 7)
    for begin, end, stride in itertools.product(around, around, (1, 2, -1, -3)):
        taken = np.arange(size)[begin:end:stride].size
        if taken:
            yield strided_slice((size, 2), (begin, 0), (end, 2), (stride, 1), (taken, 2))
    for begin, stride in itertools.product(around, (1, 3, -1, -2)):
        first = np.arange(size)[begin::stride].size
        if first:
            yield strided_slice((2, size), (0, begin), (2, 1), (1, stride), (2, first), end_mask=2)
        last = np.arange(size)[:begin:stride].size
        if last:
            yield strided_slice((2, size), (0, 3), (2, begin), (1, stride), (2, last), begin_mask=2)
    for begin in (-7, -5, -1, 0, 4):
        yield strided_slice(
            (3, size, 2), (0, begin, 0), (3, -9, 2), (1, 1, 1), (3, 2), shrink_axis_mask=2
        )


def four_dimensions(dtype: str) -> Iterator[bytes]:
    shape, begin, end, strides = (3, 4, 5, 6), (2, -4, 1, -1), (0, 4, 5, -7), (-1, 3, 2, -2)
    taken = np.empty(shape)[2:0:-1, -4:4:3, 1:5:2, -1:-7:-2].shape
    yield strided_slice(shape, begin, end, strides, taken, dtype)
    masks = {"begin_mask": 1, "end_mask": 1}
    yield strided_slice(shape, begin, end, strides, (3, 2, 2, 3), dtype, **masks)
    ones = (1, 1, 1, 1)
    yield strided_slice(shape, ones, (2, 3, 9, 9), ones, (2, 5), dtype, shrink_axis_mask=5)
    yield strided_slice(shape, ones, (9,) * 4, ones, (), dtype, shrink_axis_mask=15)
    yield strided_slice(shape, (0,) * 4, shape, ones, shape, dtype)


def edges() -> Iterator[Run]:
    for seed, model in enumerate(every_edge()):
        yield run_of(model, seed)
    for dtype in ("int8", "int16", "int32", "float32"):
        for seed, model in enumerate(four_dimensions(dtype)):
            yield run_of(model, seed)


BEGIN, END, STRIDES = ints(0, 0), ints(2, 3), ints(1, 1)


def refused() -> Iterator[Refused]:
    def made(
        y: tuple[int, ...],
        begin: T = BEGIN,
        end: T = END,
        strides: T = STRIDES,
        **masks: object,
    ) -> bytes:
        return one_op("STRIDED_SLICE", (T((2, 3)), begin, end, strides), T(y), **masks)

    yield Refused("expected [2, 3]", made((2, 2)), by_tflm=True)
    yield Refused("A stride is 0", made((2, 3), strides=ints(1, 0)), by_tflm=True)
    yield Refused("must be constant", made((2, 3), begin=T((2,), "int32")), by_tflm=True)
    yield Refused("shape [1], expected [2]", made((2, 3), end=ints(2)))
    yield Refused("int64", made((2, 3), end=ints(2, 3, dtype="int64")))
    yield Refused("ellipsis_mask", made((2, 3), ellipsis_mask=1))
    yield Refused("new_axis_mask", made((2, 3), new_axis_mask=2))
    yield Refused("offset", made((2, 3), offset=True))
    yield Refused("takes no element", made((2,), begin=ints(0, 3), shrink_axis_mask=2))
    yield Refused("backwards", made((2,), strides=ints(1, -1), shrink_axis_mask=2))
    five = (1,) * 5
    zeros, ones = ints(*(0,) * 5), ints(*five)
    deep = one_op("STRIDED_SLICE", (T(five), zeros, ones, ones), T(five))
    yield Refused("at most 4", deep, by_tflm=True)


CASES = Cases(append, (1, 4), edges=edges, refused=refused)
