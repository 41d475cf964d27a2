"""FULLY_CONNECTED: any leading dimensions, multipliers in double, biases of any scale."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from fwgen.model.fixed_point import quantize_multiplier, requantize
from tests.tflite_models.builder import ModelBuilder, Tensor
from tests.tflite_models.cases import Cases, Refused, Run, run_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.hand_made import T, dense, one_op
from tests.tflite_models.weighted import (
    append_weighted,
    int4_weights,
    refused_int16,
    still_channels,
    weights_of_other_ops,
)

CODE = "FULLY_CONNECTED"


def append(m: ModelBuilder, d: Draw, x: Tensor) -> Tensor:
    units = d.extent(20)
    keep = len(x.shape) > 1 and d.chance(0.3)
    # without keep_num_dims the leading dimensions fold into one, or all but the first do
    depth = x.shape[-1] if keep or d.chance(0.5) else math.prod(x.shape[1:] or x.shape)
    rows = math.prod(x.shape) // depth
    outputs = (*x.shape[:-1], units) if keep else (rows, units)
    options: dict[str, object] = {"keep_num_dims": keep}
    return append_weighted(m, d, CODE, x, (units, depth), 0, outputs, options)


def edges() -> Iterator[Run]:
    yield from double_products()
    yield from leading_dimensions()
    x = np.array([[7, 8]], np.int8)
    yield with_bias_scale(0.0099), [x]
    yield run_of(least_weights(65793))
    yield from int4_weights(CODE, [(5, 7), (4, 6), (1, 1)], 0)
    yield from weights_of_other_ops(CODE, ((4, 9), (6, 9), (4, 6)), 0)
    yield from still_channels(CODE, ((4, 9), (6, 9), (4, 6)), 0)


def double_products() -> Iterator[Run]:
    """Sums on the border of two outputs, where a float32 product of scales gives the other one."""
    rng, differing = np.random.default_rng(3), 0
    for _ in range(20):
        scale, weight_scale = np.float32(rng.uniform(0.001, 0.1, 2))
        output_scale = np.float32(float(scale) * float(weight_scale) * 2**22)
        exact = float(scale) * float(weight_scale) / float(output_scale)
        rounded = float(scale * weight_scale) / float(output_scale)
        bias = np.rint((rng.integers(20, 120, 40) + 0.5) / (exact + rounded) * 2).astype(np.int64)
        both = [requantize(bias, *quantize_multiplier(f)) for f in (exact, rounded)]
        differing += int((both[0] != both[1]).sum())
        x, y = (float(scale), 0), (float(output_scale), 0)
        model = dense(x, float(weight_scale), y, np.zeros((40, 4), np.int8), bias)
        yield model, [np.zeros((1, 4), np.int8)]
    assert differing > 400


def leading_dimensions() -> Iterator[Run]:
    rng = np.random.default_rng(4)
    for input_shape, output_shape, keep in (
        ((6,), (1, 5), False),
        ((6,), (5,), True),
        ((4, 6), (4, 5), False),
        ((2, 3, 6), (6, 5), False),
        ((2, 3, 6), (2, 3, 5), True),
        ((2, 1, 3, 4), (4, 5), False),
        ((1, 2, 1, 3), (1, 5), False),
        ((1, 1, 2, 2, 6), (1, 1, 2, 2, 5), True),
    ):
        for scales in (0.02, [0.01, 0.02, 0.001, 0.3, 0.04]):
            weights, bias = rng.integers(-128, 128, (5, 6)), rng.integers(-5000, 5000, 5)
            x, y = (0.05, -7), (0.5, 3)
            options = {"keep_num_dims": keep}
            model = dense(x, scales, y, weights, bias, input_shape, output_shape, **options)
            yield model, [rng.integers(-128, 128, input_shape).astype(np.int8)]


def least_weights(taps: int) -> bytes:
    """One unit of so many weights of -128, which count as 128, and inputs up to 255 steps."""
    x, w = T((1, taps), zero_point=-128), T((1, taps), data=np.full((1, taps), -128, np.int8))
    return one_op(CODE, (x, w), T((1, 1), scale=1e3))


def with_bias_scale(scale: float | None) -> bytes:
    """Of an input and weights of scale 0.1; TFLM lets it differ by 0.02 output scales."""
    x = T((1, 2), scale=0.1)
    w = T((2, 2), scale=0.1, data=[[1, 2], [3, 4]])
    m = ModelBuilder()
    inputs = [x.add(m), w.add(m), m.tensor((2,), "int32", scale=scale, data=[5, 6])]
    m.op(CODE, inputs, [m.tensor((1, 2), scale=1.0 if scale else 0.1)])
    return m.build()


def refused() -> Iterator[Refused]:
    def made(**options: object) -> bytes:
        return dense((0.1, 0), 0.1, (1.0, 0), np.ones((3, 4)), np.ones(3), **options)

    yield Refused("Weights format 1", made(weights_format=1))
    yield Refused("element type, -1", made(quantized_bias_type=-1), by_tflm=True)
    yield Refused("do not turn", made(input_shape=(5,)))
    yield Refused("last dimension", made(output_shape=(3, 1)))
    yield Refused("fused activation 5", made(fused_activation_function=5))
    for scale in (0.031, None):
        yield Refused("The bias", with_bias_scale(scale), by_tflm=True)
    yield from refused_int16(CODE, (4, 3))
    w, short = T((2, 3), data=np.ones((2, 3))), T((2,), "int16", data=[1, 2])
    for dtype, read in (("int8", "int32"), ("int16", "int64")):
        model = one_op(CODE, (T((1, 3), dtype), w, short), T((1, 2), dtype))
        yield Refused(f"reads it as {read}", model)
    # one weight more than 2**31 / (128 * 255)
    yield Refused(f"can reach {65794 * 128 * 255}", least_weights(65794))


def counted() -> Iterator[tuple[bytes, int]]:
    yield dense((1, 0), 1, (1e3, 0), np.ones((7, 10)), None, (3, 10), (3, 7)), 3 * 7 * 10


CASES = Cases(append, (1, 4), edges=edges, refused=refused, counted=counted)
