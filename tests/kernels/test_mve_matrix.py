"""CONV_2D and FULLY_CONNECTED on Cortex-M55: the matrix kernels against the reference."""

from __future__ import annotations

import numpy as np

from fwgen.contract.call import Call
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.kernels import kernels_of
from fwgen.kernels.matrix.packing import BIAS_LIMIT, parameters_of, scaling_of, short_scaling
from fwgen.model.graph import Graph
from tests.kernels import mve
from tests.kernels.on_this_machine import Case
from tests.kernels.shapes.products import Shape, biases
from tests.tflite_models import ModelBuilder, random_inputs
from tests.tflite_models.tflm import load

MATRIX, ROW, WINDOWS = "matrix_s8_mve", "matrix_row_s8_mve", "conv_2d_s8_mve"
ACROSS = "conv_2d_across_s8_mve"


def variant(code: str, name: str) -> Kernel:
    (found,) = (v for v in kernels_of(code) if v.name == name)
    return found


def model(
    rng: np.random.Generator,
    shape: Shape,
    *,
    uniform: bool = False,
    zero_points: tuple[int, int] = (-128, -128),
    activation: str = "RELU",
    weights: str = "random",
    bias: bool = True,
    folded: int | None = None,
    reach: float = 1.0,
) -> bytes:
    """One op whose outputs use most of int8 and, if ``reach`` is less than 1, go beyond."""
    m = ModelBuilder()
    conv, units = shape.code == "CONV_2D", shape.units
    x_shape = (shape.batches, shape.h, shape.w, shape.c) if conv else (shape.w, shape.c)
    x = m.tensor(x_shape, scale=0.05, zero_point=zero_points[0])
    w_shape = (units, *shape.kernel, shape.c) if conv else (units, shape.c)
    values = {
        "random": rng.integers(-127, 128, w_shape),
        "least": np.full(w_shape, -128),
        "largest": np.full(w_shape, 127),
        "sparse": rng.integers(-128, 128, w_shape) * (rng.random(w_shape) < 0.2),
    }[weights].astype(np.int8)
    scales = [float(np.float32(s)) for s in 2.0 ** rng.uniform(-12, -4, 1 if uniform else units)]
    if len(scales) > 1 and rng.random() < 0.1:
        scales[0] = 1e-13  # flushed to 0
    k = m.tensor(w_shape, scale=scales, axis=0, data=values)
    data = biases(rng, values, zero_points[0], folded).astype(np.int32)
    b = m.tensor((units,), "int32", scale=[s * 0.05 for s in scales], axis=0, data=data)
    depth = values.size / units
    scale = max(scales) * 0.05 * max(2.0, 4.0 * depth**0.5 * reach)
    if folded is not None:
        scale = max(scales) * 0.05 * folded / 100.0
    y_shape = (shape.batches, *shape.output, units) if conv else (shape.w, units)
    y = m.tensor(y_shape, scale=float(np.float32(scale)) * 16, zero_point=zero_points[1])
    options = {
        "padding": shape.padding,
        "stride_h": shape.stride[0],
        "stride_w": shape.stride[1],
        "dilation_h_factor": shape.dilation[0],
        "dilation_w_factor": shape.dilation[1],
    }
    options |= {"fused_activation_function": activation}
    inputs = [x, k, b] if bias else [x, k]
    only = options if conv else {"fused_activation_function": activation}
    m.op(shape.code, inputs, [y], **only)
    return m.build()


def calls_of(code: str, name: str, graph: Graph) -> tuple[Call, ...]:
    return variant(code, name).forms(Node(graph, graph.ops[0]))[0].calls


def fixed(shape: Shape, seed: int = 0, **options: object) -> Case:
    rng = np.random.default_rng(seed)
    data = model(rng, shape, **options)  # type: ignore[arg-type]
    return load(data), random_inputs(data, rng)


def pixels(depth: int) -> Shape:
    return Shape("CONV_2D", 12, depth, 32, h=12)


def row(depth: int, units: int) -> Shape:
    return Shape("FULLY_CONNECTED", 1, depth, units)


IMAGE = Shape("CONV_2D", 20, 8, 16, h=20, kernel=(3, 3), padding="SAME")
NARROW = Shape("CONV_2D", 5, 1, 16, h=40, kernel=(10, 4), stride=(2, 1), padding="SAME")
ANY = {"zero_points": (-128, 0), "activation": "NONE"}

UNIFORM = {**ANY, "uniform": True}

GATES: tuple[tuple[str, Shape, dict[str, object], int], ...] = (
    ("matrix_1_s8_mve", pixels(16), ANY, 22764),
    ("matrix_1_relu_s8_mve", pixels(16), {}, 20444),
    ("matrix_2_s8_mve", pixels(32), ANY, 32798),
    ("matrix_2_relu_s8_mve", pixels(32), {}, 30478),
    ("matrix_3_s8_mve", pixels(48), ANY, 40862),
    ("matrix_3_relu_s8_mve", pixels(48), {}, 38542),
    ("matrix_4_s8_mve", pixels(64), ANY, 48926),
    ("matrix_4_relu_s8_mve", pixels(64), {}, 46606),
    ("matrix_5_s8_mve", pixels(96), ANY, 71982),
    ("matrix_8_s8_mve", pixels(128), ANY, 81182),
    ("matrix_9_s8_mve", pixels(144), ANY, 89247),
    ("matrix_9_relu_s8_mve", pixels(144), {}, 86928),
    ("matrix_10_s8_mve", pixels(192), ANY, 123822),
    ("matrix_row_s8_mve", row(100, 30), ANY, 785),
    ("matrix_single_s8_mve", row(256, 40), ANY, 1720),
    ("matrix_single_uniform_s8_mve", row(256, 40), UNIFORM, 1698),
    ("matrix_thin_s8_mve", row(8, 128), UNIFORM, 1159),
    ("conv_2d_s8_mve", IMAGE, ANY, 98399),
    ("conv_2d_s8_mve", NARROW, ANY, 17879),
    ("conv_2d_across_s8_mve", IMAGE, ANY, 102836),
)
"""Kernel that is called first, shape, options, and instructions when it was written."""


def test_instruction_counts_do_not_grow() -> None:
    for kernel, shape, options, most in GATES:
        graph, inputs = fixed(shape, **options)
        name = kernel if kernel in (WINDOWS, ACROSS) else MATRIX
        assert calls_of(shape.code, name, graph)[0].function == f"fw_{kernel}"
        (result,) = mve.run([(graph, inputs)], mve.named(name))
        assert result.instructions <= 1.03 * most, f"{kernel} of {shape}: {result.instructions}"


def first(data: bytes) -> Node:
    graph = load(data)
    return Node(graph, graph.ops[0])


def test_a_bias_that_shares_no_word_with_the_shift_is_left_to_others() -> None:
    rng = np.random.default_rng(3)
    for shape in (pixels(16), row(16, 8)):
        for folded, holds in ((BIAS_LIMIT - 9, True), (BIAS_LIMIT, False)):
            data = wide_bias(rng, shape, folded, uniform=False)
            node = first(data)
            assert variant(shape.code, MATRIX).holds(node) == holds
            assert (short_scaling(node) is not None) == holds


def wide_bias(rng: np.random.Generator, shape: Shape, bias: int, uniform: bool) -> bytes:
    """An op whose outputs are far from saturation though its bias is ``bias``."""
    m = ModelBuilder()
    conv, units = shape.code == "CONV_2D", shape.units
    x_shape = (1, shape.h, shape.w, shape.c) if conv else (shape.w, shape.c)
    x = m.tensor(x_shape, scale=1.0, zero_point=0)
    w_shape = (units, 1, 1, shape.c) if conv else (units, shape.c)
    scales = [1.0] if uniform else [1.0 + 0.1 * i for i in range(units)]
    k = m.tensor(w_shape, scale=scales, axis=0, data=rng.integers(-127, 128, w_shape))
    b = m.tensor((units,), "int32", scale=scales, axis=0, data=np.full(units, bias))
    y_shape = (1, shape.h, shape.w, units) if conv else (shape.w, units)
    y = m.tensor(y_shape, scale=max(scales) * abs(bias) / 50, zero_point=3)
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1} if conv else {}
    m.op(shape.code, [x, k, b], [y], fused_activation_function="NONE", **options)
    return m.build()


def test_kernels_for_one_scale_take_any_bias() -> None:
    rng = np.random.default_rng(4)
    cases = []
    for shape in (row(128, 8), row(160, 13), row(8, 30), row(3, 5)):
        for bias in (BIAS_LIMIT, -BIAS_LIMIT - 1, 1 << 30, -(1 << 30)):
            data = wide_bias(rng, shape, bias, uniform=True)
            cases.append((load(data), random_inputs(data, rng)))
    mve.assert_as_reference(cases, mve.named(MATRIX))


def hidden_bias(units: int, scale: float) -> bytes:
    """Biases beyond the limit that outputs do not show: they saturate, or every scale is 0."""
    rng = np.random.default_rng(5)
    m = ModelBuilder()
    x = m.tensor((7, 20), scale=1.0, zero_point=5)
    scales = [scale * (1 + 0.01 * i) for i in range(units)]
    k = m.tensor((units, 20), scale=scales, axis=0, data=rng.integers(-127, 128, (units, 20)))
    data = rng.choice([-1, 1], units) * rng.integers(1 << 24, 1 << 29, units)
    b = m.tensor((units,), "int32", scale=scales, axis=0, data=data)
    y = m.tensor((7, units), scale=4.0, zero_point=-3)
    m.op("FULLY_CONNECTED", [x, k, b], [y], fused_activation_function="NONE")
    return m.build()


def test_a_bias_beyond_the_limit_that_no_output_shows_is_clamped() -> None:
    rng = np.random.default_rng(6)
    cases = []
    for scale in (1e-3, 1e-13):
        data = hidden_bias(9, scale)
        node = first(data)
        short = short_scaling(node)
        assert short is not None
        scaling = scaling_of(node)
        if scaling.multiplier.any():
            assert not np.array_equal(short.bias, scaling.bias)
        else:
            assert not scaling.bias.any()  # a scale of 0 shows none of it
        cases += [(node.graph, random_inputs(data, rng)) for _ in range(4)]
    mve.assert_as_reference(cases, mve.named(MATRIX))


def test_channels_without_weights_have_any_output() -> None:
    """MLPerf Tiny's vww has biases of 2^30 in channels without weights, which once fell to the
    reference with all others of the op."""
    rng, cases = np.random.default_rng(8), []
    for zero_point in (-128, 0, 127):
        m = ModelBuilder()
        x = m.tensor((1, 6, 6, 24), scale=1.0, zero_point=5)
        scales = [2.0 ** -float(e) for e in rng.integers(1, 40, 16)]
        values = rng.integers(-127, 128, (16, 1, 1, 24))
        values[::2] = 0
        k = m.tensor((16, 1, 1, 24), scale=scales, axis=0, data=values.astype(np.int8))
        bias = rng.integers(-4000, 4000, 16)
        bias[::2] = rng.integers(-(1 << 30), 1 << 30, 8)
        b = m.tensor((16,), "int32", scale=scales, axis=0, data=bias.astype(np.int32))
        y = m.tensor((1, 6, 6, 16), scale=1.1, zero_point=zero_point)
        options = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
        m.op("CONV_2D", [x, k, b], [y], fused_activation_function="NONE", **options)
        data = m.build()
        assert variant("CONV_2D", MATRIX).holds(first(data))
        cases.append((load(data), random_inputs(data, rng)))
    mve.assert_as_reference(cases, mve.named(MATRIX))


def test_a_word_holds_bias_and_shift() -> None:
    rng = np.random.default_rng(7)
    node = first(wide_bias(rng, row(16, 8), -BIAS_LIMIT, uniform=False))
    scaling, words = scaling_of(node), parameters_of(node)[0, :, :4]
    assert np.array_equal((words >> 8).T.reshape(-1), scaling.bias)
    assert np.array_equal(words.astype(np.int8).T.reshape(-1), scaling.shift)
