"""CONV_2D: dilated, grouped and padded windows, weights of all kinds, sums up to 32 bits."""

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


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    batches, height, width, depth = x.shape
    groups = d.pick([g for g in range(1, depth + 1) if depth % g == 0]) if d.chance(0.15) else 1
    while True:
        channels = groups * d.extent(max(1, 12 // groups))
        window = draw_window(d, height, width, 1 if d.chance(0.25) else 5, dilated=True)
        weights_shape = (channels, window.kernel_h, window.kernel_w, depth // groups)
        outputs = (batches, window.output_h, window.output_w, channels)
        if math.prod(outputs) * math.prod(weights_shape[1:]) <= MOST_MACS:
            break
    return append_weighted(m, d, "CONV_2D", x, weights_shape, 0, outputs, window.options())


def edges() -> Iterator[Run]:
    """Windows that miss the input give the bias; as much padding as TFLM can count."""
    yield run_of(four_taps_apart("CONV_2D", 21845))
    yield from int4_weights("CONV_2D", [(5, 3, 1, 3), (4, 2, 2, 3), (1, 1, 1, 3)], 0)
    wide = {"stride_h": 1, "stride_w": 1, "padding": "SAME"}
    shapes = ((1, 4, 5, 3), (6, 2, 3, 3), (1, 4, 5, 6))
    yield from weights_of_other_ops("CONV_2D", shapes, 0, **wide)
    yield from still_channels("CONV_2D", shapes, 0, **wide)
    rng = np.random.default_rng(5)
    for height, width, kernel, dilation in ((2, 2, 2, 3), (1, 3, 2, 4), (3, 2, 4, 5), (1, 1, 4, 7)):
        options = {"padding": "SAME", "dilation_h_factor": dilation, "dilation_w_factor": dilation}
        shape = (2, height, width, 3)
        w = rng.integers(-128, 128, (4, kernel, kernel, 3))
        bias = [500, -600, 0, 70]
        model = convolution(shape, w, (*shape[:3], 4), bias=bias, **options)
        yield model, [rng.integers(-128, 128, shape).astype(np.int8)]


def refused() -> Iterator[Refused]:
    yield from refused_convolutions("CONV_2D")
    small = {"scales": (1.0, 1e-9, 1e-9), "fused_activation_function": "RELU6"}
    model = convolution((1, 4, 4, 2), np.ones((3, 3, 3, 2)), (1, 4, 4, 3), **small)
    yield Refused("too small to express 6", model)
    deep = convolution((1, 4, 4, 3), np.ones((4, 1, 1, 2)), (1, 4, 4, 4))
    yield Refused("into groups", deep)
    x, w, y = T((1, 4, 4, 2)), T((2, 1, 1, 2), data=np.ones((2, 1, 1, 2))), T((1, 4, 4, 2))
    short = one_op("CONV_2D", (x, w, T((2,), "int16", data=[1, 2])), y, stride_h=1, stride_w=1)
    yield Refused("reads it as int32", short)
    options = {"stride_h": 1, "stride_w": 1, "quantized_bias_type": -1}
    yield Refused("element type, -1", one_op("CONV_2D", (x, w), y, **options), by_tflm=True)


def counted() -> Iterator[tuple[bytes, int]]:
    model = convolution((2, 5, 6, 4), np.ones((8, 3, 2, 2)), (2, 5, 6, 8))
    yield model, 2 * 5 * 6 * 8 * 3 * 2 * 2


CASES = Cases(
    append,
    IMAGE,
    edges=edges,
    left_open=partial(sums_at_the_ends, "CONV_2D"),
    refused=refused,
    counted=counted,
)
