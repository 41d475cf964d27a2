"""Convolutions, dense layers, pools, softmax, unary ops and quantization, bit for bit as TFLM."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import kernels
import numpy as np
import pytest
from op_models import CODES, LOOKUPS, convolution, dense, unary
from tflite_models import ModelBuilder, random_inputs, random_op_model
from tflm import Run, assert_as_tflm, load, tflm

from fwgen.model.fixed_point import quantize_multiplier, requantize
from fwgen.ops import operators

RANDOM_MODELS = 300
BYTES = np.arange(-128, 128).astype(np.int8)


def usable(inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Inputs whose quotient by any scale of the models fits 32 bits; beyond, TFLM is undefined."""
    return [np.clip(x, -50, 50) if x.dtype == np.float32 else x for x in inputs]


@pytest.mark.parametrize("code", CODES)
def test_random_models(code: str) -> None:
    runs: list[Run] = []
    for seed in range(RANDOM_MODELS):
        rng = np.random.default_rng(seed)
        model = random_op_model(code, rng)
        runs.append((model, usable(random_inputs(model, rng))))
    assert_as_tflm(runs)


# Weights


def test_dense_multiplier_is_a_double_product() -> None:
    # sums on the boundaries between two outputs, where a float32 product gives the other one
    rng = np.random.default_rng(3)
    runs: list[Run] = []
    differing = 0
    for _ in range(20):
        scale, weight_scale = np.float32(rng.uniform(0.001, 0.1, 2))
        output_scale = np.float32(float(scale) * float(weight_scale) * 2**22)
        exact = float(scale) * float(weight_scale) / float(output_scale)
        rounded = float(scale * weight_scale) / float(output_scale)
        bias = np.rint((rng.integers(20, 120, 40) + 0.5) / (exact + rounded) * 2).astype(np.int64)
        both = [requantize(bias, *quantize_multiplier(f)) for f in (exact, rounded)]
        differing += int((both[0] != both[1]).sum())
        model = dense(
            (float(scale), 0),
            float(weight_scale),
            (float(output_scale), 0),
            np.zeros((40, 4), np.int8),
            bias,
        )
        runs.append((model, [np.zeros((1, 4), np.int8)]))
    assert differing > 400
    assert_as_tflm(runs)


@pytest.mark.parametrize(
    ("input_shape", "output_shape", "keep"),
    [
        ((6,), (1, 5), False),
        ((6,), (5,), True),
        ((4, 6), (4, 5), False),
        ((2, 3, 6), (6, 5), False),
        ((2, 3, 6), (2, 3, 5), True),
        ((2, 1, 3, 4), (4, 5), False),
        ((1, 2, 1, 3), (1, 5), False),
        ((1, 1, 2, 2, 6), (1, 1, 2, 2, 5), True),
    ],
)
@pytest.mark.parametrize("per_channel", [False, True])
def test_dense_with_leading_dimensions(
    input_shape: tuple[int, ...], output_shape: tuple[int, ...], keep: bool, per_channel: bool
) -> None:
    rng = np.random.default_rng(4)
    weights = rng.integers(-128, 128, (5, 6))
    scales = [0.01, 0.02, 0.001, 0.3, 0.04] if per_channel else 0.02
    model = dense(
        (0.05, -7),
        scales,
        (0.5, 3),
        weights,
        rng.integers(-5000, 5000, 5),
        input_shape,
        output_shape,
        keep_num_dims=keep,
    )
    x = rng.integers(-128, 128, input_shape).astype(np.int8)
    assert_as_tflm([(model, [x])])


def test_windows_that_miss_the_input_give_the_bias() -> None:
    rng = np.random.default_rng(5)
    runs: list[Run] = []
    for height, width, kernel, dilation in ((2, 2, 2, 3), (1, 3, 2, 4), (3, 2, 4, 5), (1, 1, 4, 7)):
        options = {"padding": "SAME", "dilation_h_factor": dilation, "dilation_w_factor": dilation}
        shape = (2, height, width, 3)
        x = [rng.integers(-128, 128, shape).astype(np.int8)]
        w = rng.integers(-128, 128, (4, kernel, kernel, 3))
        bias = [500, -600, 0, 70]
        model = convolution(shape, w, (*shape[:3], 4), bias=bias, **options)
        runs.append((model, x))
        w = rng.integers(-128, 128, (1, kernel, kernel, 6))
        options = {**options, "code": "DEPTHWISE_CONV_2D", "depth_multiplier": 2}
        model = convolution(shape, w, (*shape[:3], 6), bias=[*bias, 9, -9], **options)
        runs.append((model, x))
    assert_as_tflm(runs)


@pytest.mark.parametrize("zero_point", [-128, -1, 127])
@pytest.mark.parametrize("sign", [-1, 1])
def test_sums_at_the_ends_of_32_bits_saturate(sign: int, zero_point: int) -> None:
    bias = sign * ((1 << 31) - 1)
    scales, zero_points = (1.0, 0.999999, 1.0), (0, zero_point)
    weights = np.zeros((1, 1, 1, 1), np.int8)
    options = {"bias": [bias], "scales": scales, "zero_points": zero_points}
    graphs = [
        load(convolution((1, 1, 1, 1), weights, (1, 1, 1, 1), **options)),
        load(
            convolution(
                (1, 1, 1, 1),
                weights,
                (1, 1, 1, 1),
                code="DEPTHWISE_CONV_2D",
                depth_multiplier=1,
                **options,
            )
        ),
    ]
    for graph, tensors in zip(
        graphs, kernels.run([(g, [np.ones((1, 1, 1, 1), np.int8)]) for g in graphs]), strict=True
    ):
        assert tensors[graph.outputs[0]].item() == (127 if sign > 0 else -128)


def test_macs() -> None:
    conv = load(convolution((2, 5, 6, 4), np.ones((8, 3, 2, 2)), (2, 5, 6, 8)))
    depthwise = load(
        convolution(
            (1, 5, 6, 4),
            np.ones((1, 3, 3, 8)),
            (1, 5, 6, 8),
            code="DEPTHWISE_CONV_2D",
            depth_multiplier=2,
        )
    )
    fully = load(dense((1, 0), 1, (1e3, 0), np.ones((7, 10)), None, (3, 10), (3, 7)))
    counted = [operators()[g.ops[0].code].macs(g, g.ops[0]) for g in (conv, depthwise, fully)]
    assert counted == [2 * 5 * 6 * 8 * 3 * 2 * 2, 5 * 6 * 8 * 9, 3 * 7 * 10]


# Pools


def test_averages_round_halves_away_from_zero() -> None:
    runs: list[Run] = []
    for height, width in ((1, 2), (2, 2), (3, 3), (2, 7)):
        m = ModelBuilder()
        x = m.tensor((200, height, width, 1), scale=0.1, zero_point=-3)
        y = m.tensor((200, 1, 1, 1), scale=0.1, zero_point=-3)
        m.op(
            "AVERAGE_POOL_2D",
            [x],
            [y],
            padding="VALID",
            stride_h=1,
            stride_w=1,
            filter_height=height,
            filter_width=width,
        )
        rng = np.random.default_rng(height)
        runs.append((m.build(), [rng.integers(-9, 9, (200, height, width, 1)).astype(np.int8)]))
    assert_as_tflm(runs)


def test_bounds_of_activations_are_quotients_of_float32() -> None:
    runs: list[Run] = []
    differing = 0
    for step in range(1, 120):
        scale = np.float32(6 / (step + 0.5))
        differing += int(np.float32(6) / scale == step + 0.5 > 6 / float(scale))
        m = ModelBuilder()
        x, y = (m.tensor((1, 1, 2, 1), scale=float(scale), zero_point=-128) for _ in range(2))
        m.op(
            "MAX_POOL_2D",
            [x],
            [y],
            stride_h=1,
            stride_w=1,
            filter_height=1,
            filter_width=1,
            fused_activation_function="RELU6",
        )
        runs.append((m.build(), [np.array([127, -128], np.int8).reshape(1, 1, 2, 1)]))
    assert differing > 20
    assert_as_tflm(runs)


# Softmax


def test_softmax_of_all_differences() -> None:
    rng = np.random.default_rng(6)
    runs: list[Run] = []
    for power in (*range(-25, -2), -2.5, -1.3, 0, 1.7, 4, 8, 30):
        scale = float(np.float32(2.0**power * rng.uniform(1, 2)))
        model = unary("SOFTMAX", (scale, 9), (1 / 256, -128), (40, 300), beta=1.0)
        x = rng.integers(-128, 128, (40, 300))
        x[0, :256] = BYTES
        x[1], x[1, 7] = -128, 127
        for row, low in enumerate(range(-120, 127, 8), start=2):
            x[row] = rng.integers(low, 127, 300, endpoint=True)
        runs.append((model, [x.astype(np.int8)]))
    assert_as_tflm(runs)


def test_softmax_of_equal_and_of_many_elements() -> None:
    runs: list[Run] = []
    for depth in (1, 2, 3, 7, 255, 256, 257, 511, 512, 1000, 4095):
        x = np.full((2, depth), 5, np.int8)
        x[1, 1:] = -128
        x[0, 511:] = -128  # a sum of 512 is more than TFLM survives
        runs.append(
            (unary("SOFTMAX", (0.1, 0), (1 / 256, -128), (2, depth), beta=1.0), [x]),
        )
    assert_as_tflm(runs)


def test_softmax_beyond_what_tflm_survives_is_nothing_anywhere() -> None:
    graph = load(unary("SOFTMAX", (0.1, 0), (1 / 256, -128), (4095,), beta=1.0))
    (tensors,) = kernels.run([(graph, [np.full(4095, 3, np.int8)])])
    assert (tensors[graph.outputs[0]] == -128).all()


# Lookups


def boundary_scales(rng: np.random.Generator) -> tuple[float, float]:
    """Scales of input and output of which some power of two steps are halfway between two steps."""
    output = np.float32(rng.uniform(0.001, 0.1))
    halfway = (rng.integers(0, 120) + 0.5) / 2.0 ** rng.integers(0, 7)
    return float(np.float32(float(output) * halfway)), float(output)


def quantizations(code: str) -> list[tuple[tuple[float, int], tuple[float, int]]]:
    """Scales and zero points of input and output to try all bytes with."""
    rng = np.random.default_rng(7)
    pairs = [boundary_scales(rng) for _ in range(100)]
    powers = rng.uniform(-27.9, 29.9, (100, 2)) if code in ("LOGISTIC", "TANH") else None
    if powers is None:
        powers = rng.uniform(-12, 12, (100, 2))
    pairs += [(float(np.float32(2.0**a)), float(np.float32(2.0**b))) for a, b in powers]
    pairs += [(2.0**-7, 2.0**-7), (2.0**-27, 1.0), (1.0, 1.0), (16.0, 1.0), (15.9, 1.0)]
    if code == "RELU6":
        pairs.append((3e-9, 1.0))
    zero_points = (-128, 127, 0, -1, 1, *rng.integers(-128, 128, 20).tolist())
    result = []
    for (a, b), x, y in zip(
        pairs, itertools.cycle(zero_points), itertools.cycle(zero_points[::-1]), strict=False
    ):
        result.append(((a, x), (b, -128 if code == "LOGISTIC" else y)))
    return result


@pytest.mark.parametrize("code", LOOKUPS)
def test_all_bytes(code: str) -> None:
    assert_as_tflm([(unary(code, x, y), [BYTES]) for x, y in quantizations(code)])


@pytest.mark.parametrize("code", ["LOGISTIC", "TANH"])
def test_saturation_of_sigmoids(code: str) -> None:
    # around scales at which the first and the last difference leave the range of fixed point
    runs: list[Run] = []
    for scale in (15 / 255, 15 / 128, 15 / 127, 15.0, 7.5, 2.0**-28, 2.0**30):
        for nudge in (0.0, 1.0, np.inf):
            near = float(np.nextafter(np.float32(scale), np.float32(nudge)))
            if 2.0**-28 <= near <= 2.0**30:
                runs += [(unary(code, (near, z), (1 / 256, -128)), [BYTES]) for z in (-128, 0, 127)]
    assert_as_tflm(runs)


@pytest.mark.parametrize("code", [*LOOKUPS, "SOFTMAX"])
def test_output_may_be_the_input(code: str) -> None:
    quant = (1 / 256, -128)
    model = unary(code, quant, quant, (2, 128), **({"beta": 2.0} if code == "SOFTMAX" else {}))
    x = np.random.default_rng(8).integers(-128, 128, (2, 128)).astype(np.int8)
    graph = load(model)
    (op,) = graph.ops
    one = replace(graph, ops=(replace(op, outputs=op.inputs),), outputs=op.inputs)
    (tensors,) = kernels.run([(one, [x])])
    assert tensors[op.inputs[0]].tobytes() == tflm(model, [x]).tobytes()


# Floating point


def quantize_float(shape: Sequence[int], scale: float, zero_point: int) -> bytes:
    m = ModelBuilder()
    x = m.tensor(shape, "float32")
    y = m.tensor(shape, scale=scale, zero_point=zero_point)
    m.op("QUANTIZE", [x], [y])
    return m.build()


def test_quantize_rounds_quotients_of_float32() -> None:
    rng = np.random.default_rng(9)
    runs: list[Run] = []
    for _ in range(60):
        scale, zero_point = float(np.float32(rng.uniform(0.001, 3))), int(rng.integers(-128, 128))
        steps = np.arange(-300, 300, 0.5)
        exact = (steps * scale).astype(np.float32)
        near = [np.nextafter(exact, np.float32(to)) for to in (-np.inf, np.inf)]
        tiny = np.array([0.0, -0.0, 1e-45, -1e-45, 1.2e-38], np.float32)
        x = np.concatenate([exact, *near, tiny])
        runs.append((quantize_float(x.shape, scale, zero_point), [x]))
    assert_as_tflm(runs)


@pytest.mark.parametrize("zero_point", [-128, -5, 0, 5, 127])
def test_quantize_saturates_and_takes_nan_for_zero(zero_point: int) -> None:
    x = np.array([np.inf, 3e38, 1e10, -1e10, -3e38, -np.inf, np.nan, -np.nan], np.float32)
    graph = load(quantize_float(x.shape, 0.1, zero_point))
    (tensors,) = kernels.run([(graph, [x])])
    assert tensors[graph.outputs[0]].tolist() == [127] * 3 + [-128] * 3 + [zero_point] * 2


def test_dequantize_all_bytes() -> None:
    rng = np.random.default_rng(10)
    scales = [2.0**-126, 1e-30, 1e-3, 1.0, 1e36, 3e38, *(2.0 ** rng.uniform(-20, 20, 60)).tolist()]
    runs: list[Run] = []
    for scale in scales:
        m = ModelBuilder()
        x = m.tensor((256,), scale=scale, zero_point=int(rng.integers(-128, 128)))
        y = m.tensor((256,), "float32")
        m.op("DEQUANTIZE", [x], [y])
        runs.append((m.build(), [BYTES]))
    assert_as_tflm(runs)
