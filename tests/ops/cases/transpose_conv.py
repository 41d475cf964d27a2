"""TRANSPOSE_CONV: strides beyond the kernel, kernels beyond the stride, outputs that end early."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import IMAGE, Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, ints, one_op
from tests.tflite_models.weighted import MOST_MACS, append_weighted

CODE = "TRANSPOSE_CONV"


def extent(d: Draw, size: int, kernel: int, stride: int, padding: str) -> int:
    """An extent of the output whose convolution gives ``size``, or any: TFLM minds neither."""
    if d.chance(0.1):
        return d.integer(1, 12)
    if padding == "SAME":
        return size * stride - d.integer(0, stride - 1)
    return (size - 1) * stride + kernel + d.integer(0, stride - 1)


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    batches, height, width, depth = x.shape
    while True:
        channels = d.extent(8)
        kernel = d.extent(5), d.extent(5)
        stride = d.extent(4), d.extent(4)
        padding = d.pick(("SAME", "VALID"))
        sizes = [
            extent(d, *each, padding) for each in zip((height, width), kernel, stride, strict=True)
        ]
        outputs = (batches, *sizes, channels)
        macs = math.prod(x.shape) * math.prod(kernel) * channels
        if macs <= MOST_MACS and math.prod(outputs) <= 3000:
            break
    shape = m.tensor((4,), "int32", data=outputs)
    options: dict[str, object] = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    weights_shape = (channels, *kernel, depth)
    return append_weighted(m, d, CODE, x, weights_shape, 0, outputs, options, before=(shape,))


def made(
    dtype: str = "int8",
    bias: str | None = None,
    sizes: tuple[int, ...] = (1, 6, 6, 3),
    weights: T | None = None,
    **options: object,
) -> bytes:
    """Of an image of 3 x 3 and kernels of 2 x 2 at steps of 2."""
    x, y = T((1, 3, 3, 2), dtype, 0.1), T(sizes, dtype, 0.1)
    w = T((3, 2, 2, 2), scale=0.1, data=np.ones((3, 2, 2, 2))) if weights is None else weights
    operands: list[T | None] = [ints(*sizes), w, x]
    if bias is not None:
        operands.append(T((3,), bias, data=[1, 2, 3]))
    return one_op(CODE, operands, y, **{"stride_h": 2, "stride_w": 2, **options})


def edges() -> Iterator[Run]:
    x, w = T((1, 3, 3, 2)), T((3, 2, 2, 2), data=np.ones((3, 2, 2, 2)))
    unread = one_op(CODE, (T((4,), "int32"), w, x), T((1, 6, 6, 3)), stride_h=2, stride_w=2)
    yield unread, [np.array([9, 9, 9, 9], np.int32), np.ones((1, 3, 3, 2), np.int8)]
    for dtype in ("int8", "int16"):
        for sizes in ((1, 6, 6, 3), (1, 1, 1, 3), (1, 9, 2, 3)):
            for padding in ("SAME", "VALID"):
                yield run_of(made(dtype, sizes=sizes, padding=padding))
    yield run_of(made("int16", "int16"))
    for dtype, bias in (("int8", "int32"), ("int16", "int64")):
        for scales in ((0.1, 0.0, 0.2), (0.0,)):
            ones = np.ones((3, 2, 2, 2))
            yield run_of(made(dtype, bias, weights=T(ones.shape, scale=scales, data=ones)))


def refused() -> Iterator[Refused]:
    yield Refused("Padding code 2", made(padding=2))
    for stride in (0, -1, 1 << 16):
        yield Refused("Strides, rows and columns", made(stride_h=stride))
    yield Refused("do not turn", made(sizes=(2, 6, 6, 3)))
    yield Refused("do not turn", made(sizes=(1, 6, 6, 4)))
    yield Refused("fused activation 4", made(fused_activation_function=4))
    yield Refused("reads that of an int16", made("int16", "int32"))
    yield Refused("reads it as int32", made("int8", "int16"))
    short = T((3, 2, 2, 2), "int16", 0.1, data=np.ones((3, 2, 2, 2)))
    yield Refused("reads them as int8", made("int16", "int64", weights=short))
    yield Refused("here, but tensor 1 is int16", made(weights=T((3, 2, 2, 2), "int16")))
    x, w, y = T((1, 3, 3, 2)), T((3, 2, 2, 2), data=np.ones((3, 2, 2, 2))), T((1, 6, 6, 3))
    wide: dict[str, object] = {"stride_h": 2, "stride_w": 2}
    other = ints(1, 6, 6, 4)
    yield Refused("expected [1, 6, 6, 4]", one_op(CODE, (other, w, x), y, **wide))
    flat = T((9, 2))
    yield Refused("2 dimensions, expected 4", one_op(CODE, (ints(1, 6, 6, 3), w, flat), y, **wide))
    bare = T((1, 3, 3, 2), scale=None)
    yield Refused("needs one scale", one_op(CODE, (ints(1, 6, 6, 3), w, bare), y, **wide))
    for k in (0, 1):
        points = [T((1, 3, 3, 2), "int16", 0.1, k), T((1, 6, 6, 3), "int16", 0.1, 1 - k)]
        model = one_op(CODE, (ints(1, 6, 6, 3), w, points[0]), points[1], **wide)
        yield Refused("int16 with a zero point other than 0", model)
    large = T((3,), "int32", data=[1 << 30, (1 << 31) - 1, 0])
    model = one_op(CODE, (ints(1, 6, 6, 3), w, x, large), y, **wide)
    yield Refused("sum of channel 1 can reach", model)
    short = T((2,), "int32", data=[1, 2])
    yield Refused(
        "2 elements, expected 3", one_op(CODE, (ints(1, 6, 6, 3), w, x, short), y, **wide)
    )


def counted() -> Iterator[tuple[bytes, int]]:
    yield made(), 3 * 3 * 2 * 2 * 2 * 3


CASES = Cases(append, IMAGE, place=2, edges=edges, refused=refused, counted=counted)
