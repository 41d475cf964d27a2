"""DEPTHWISE_CONV_2D: dilated and padded windows, several outputs per channel, sums of 32 bits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import IMAGE, Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, convolution, one_op
from tests.tflite_models.weighted import (
    MOST_MACS,
    append_weighted,
    four_taps_apart,
    int4_weights,
    refused_convolutions,
    still_channels,
    sums_at_the_ends,
    weights_of_other_ops,
)
from tests.tflite_models.windows import draw_window

CODE = "DEPTHWISE_CONV_2D"


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    batches, height, width, depth = x.shape
    while True:
        multiplier = d.pick((1, 1, 1, 2, 3, 5))
        window = draw_window(d, height, width, 5, dilated=True)
        channels = depth * multiplier
        weights_shape = (1, window.kernel_h, window.kernel_w, channels)
        outputs = (batches, window.output_h, window.output_w, channels)
        if math.prod(outputs) * window.kernel_h * window.kernel_w <= MOST_MACS:
            break
    options = {**window.options(), "depth_multiplier": multiplier}
    return append_weighted(m, d, CODE, x, weights_shape, 3, outputs, options)


def edges() -> Iterator[Run]:
    """Windows that miss the input give the bias; as much padding as TFLM can count."""
    yield run_of(four_taps_apart(CODE, 21845))
    yield from int4_weights(CODE, [(1, 3, 1, 3), (1, 2, 2, 6), (1, 1, 1, 3)], 3)
    wide = {"stride_h": 1, "stride_w": 1, "padding": "SAME", "depth_multiplier": 2}
    shapes = ((1, 4, 5, 3), (1, 2, 3, 6), (1, 4, 5, 6))
    yield from weights_of_other_ops(CODE, shapes, 3, **wide)
    yield from still_channels(CODE, shapes, 3, **wide)
    rng = np.random.default_rng(5)
    for height, width, kernel, dilation in ((2, 2, 2, 3), (1, 3, 2, 4), (3, 2, 4, 5), (1, 1, 4, 7)):
        options = {"padding": "SAME", "dilation_h_factor": dilation, "dilation_w_factor": dilation}
        options |= {"code": CODE, "depth_multiplier": 2}
        shape = (2, height, width, 3)
        w = rng.integers(-128, 128, (1, kernel, kernel, 6))
        bias = [500, -600, 0, 70, 9, -9]
        model = convolution(shape, w, (*shape[:3], 6), bias=bias, **options)
        yield model, [rng.integers(-128, 128, shape).astype(np.int8)]


def refused() -> Iterator[Refused]:
    yield from refused_convolutions(CODE, depth_multiplier=2)
    for multiplier in (0, 3):
        options = {"code": CODE, "depth_multiplier": multiplier}
        model = convolution((1, 4, 4, 2), np.ones((1, 3, 3, 4)), (1, 4, 4, 4), **options)
        yield Refused(f"depth multiplier {multiplier}", model)
    x, w, y = T((1, 4, 4, 2)), T((1, 1, 1, 2), data=np.ones(2)), T((1, 4, 4, 2))
    options = {"stride_h": 1, "stride_w": 1, "depth_multiplier": 1}
    narrow = T((2,), "int32", data=[1, 2])
    x16, y16 = T((1, 4, 4, 2), "int16"), T((1, 4, 4, 2), "int16")
    yield Refused("reads that of an int16", one_op(CODE, (x16, w, narrow), y16, **options))
    short = T((2,), "int16", data=[1, 2])
    yield Refused("reads it as int32", one_op(CODE, (x, w, short), y, **options))
    yield Refused("reads it as int64", one_op(CODE, (x16, w, short), y16, **options))
    yield Refused("absent", one_op(CODE, (x, w, None), y, **options))


def counted() -> Iterator[tuple[bytes, int]]:
    options = {"code": CODE, "depth_multiplier": 2}
    model = convolution((1, 5, 6, 4), np.ones((1, 3, 3, 8)), (1, 5, 6, 8), **options)
    yield model, 5 * 6 * 8 * 9


CASES = Cases(
    append,
    IMAGE,
    edges=edges,
    left_open=partial(sums_at_the_ends, CODE, depth_multiplier=1),
    refused=refused,
    counted=counted,
)
