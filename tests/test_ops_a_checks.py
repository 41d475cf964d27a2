"""Which ops are refused, with what words, and how operators are found and resolved."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import kernels
import numpy as np
import pytest
import tflite
from op_models import CODES, POOLS, convolution, dense, unary
from tflite_models import ModelBuilder, random_op_model
from tflm import assert_as_tflm, load

from fwgen.errors import ModelError
from fwgen.host.oracle import Oracle, OracleRefused
from fwgen.model.graph import Graph
from fwgen.model.reader import read_model
from fwgen.ops import operators, resolve


def spoiled(code: str, **options: object) -> bytes:
    """A model of one sound op, but for ``options``."""
    if code == "CONV_2D":
        return convolution((1, 4, 4, 2), np.ones((3, 3, 3, 2)), (1, 4, 4, 3), **options)
    if code == "DEPTHWISE_CONV_2D":
        options = {"depth_multiplier": 2, **options}
        return convolution((1, 4, 4, 2), np.ones((1, 3, 3, 4)), (1, 4, 4, 4), code=code, **options)
    if code == "FULLY_CONNECTED":
        return dense((0.1, 0), 0.1, (1.0, 0), np.ones((3, 4)), np.ones(3), **options)
    x = options.pop("x", (0.1, 0))
    y = options.pop("y", (1 / 256, -128) if code == "SOFTMAX" else x)
    if code in POOLS:
        sizes = {"stride_h": 1, "stride_w": 1, "filter_height": 2, "filter_width": 2}
        return unary(code, x, y, (1, 4, 4, 2), **{**sizes, **options})
    return unary(code, x, y, (4,), **({"beta": 1.0, **options} if code == "SOFTMAX" else options))


@pytest.mark.parametrize("code", [c for c in CODES if c != "DEQUANTIZE"])
def test_what_is_not_spoiled_is_accepted(code: str) -> None:
    y = (1 / 256, -128) if code == "LOGISTIC" else None
    assert load(spoiled(code, **({"y": y} if y else {}))).ops[0].code == code


REFUSED_LIKE_TFLM = [
    ("AVERAGE_POOL_2D", {"y": (0.1, 1)}, "same scale and zero point"),
    ("MAX_POOL_2D", {"y": (0.1001, 0)}, "same scale and zero point"),
    ("SOFTMAX", {"y": (1 / 256, -127)}, "expected 1/256 and -128"),
    ("SOFTMAX", {"y": (1 / 255, -128)}, "expected 1/256 and -128"),
    ("SOFTMAX", {"beta": 0.0}, "expected more than"),
    ("SOFTMAX", {"beta": -1.0}, "expected more than"),
    ("SOFTMAX", {"beta": float("nan")}, "expected more than"),
    ("SOFTMAX", {"x": (2.0**-26, 0)}, "expected more than"),
    ("LOGISTIC", {"y": (1 / 256, 0)}, "expected -128"),
]

REFUSED = [
    ("CONV_2D", {"padding": 2}, "Padding code 2"),
    ("CONV_2D", {"stride_h": 0}, "stride_h is 0"),
    ("CONV_2D", {"stride_w": -1}, "stride_w is -1"),
    ("CONV_2D", {"dilation_w_factor": 1 << 20}, "dilation_w is 1048576"),
    ("CONV_2D", {"fused_activation_function": 4}, "fused activation 4"),
    ("CONV_2D", {"padding": "VALID"}, "expected"),
    ("CONV_2D", {"bias": [1, 2]}, "2 elements, expected 3"),
    ("CONV_2D", {"bias": [1 << 30, (1 << 31) - 1, 0]}, "sum of channel 1 can reach"),
    ("CONV_2D", {"scales": (1e9, 1e9, 1e-9)}, "multiplies by"),
    (
        "CONV_2D",
        {"scales": (1.0, 1e-9, 1e-9), "fused_activation_function": "RELU6"},
        "too small to express 6",
    ),
    ("DEPTHWISE_CONV_2D", {"depth_multiplier": 3}, "depth multiplier 3"),
    ("DEPTHWISE_CONV_2D", {"depth_multiplier": 0}, "depth multiplier 0"),
    ("DEPTHWISE_CONV_2D", {"dilation_h_factor": 0}, "dilation_h is 0"),
    ("FULLY_CONNECTED", {"weights_format": 1}, "Weights format 1"),
    ("FULLY_CONNECTED", {"input_shape": (5,)}, "do not turn"),
    ("FULLY_CONNECTED", {"output_shape": (3, 1)}, "last dimension"),
    ("FULLY_CONNECTED", {"fused_activation_function": 5}, "fused activation 5"),
    ("AVERAGE_POOL_2D", {"filter_width": 0}, "expected 1 to"),
    ("MAX_POOL_2D", {"filter_height": 1 << 30}, "expected 1 to"),
    ("MAX_POOL_2D", {"padding": "VALID"}, "expected"),
    ("RELU", {"y": (1e-10, 0), "x": (1e3, 0)}, "multiplies by"),
    ("QUANTIZE", {"y": (1e-10, 0), "x": (1e3, 0)}, "multiplies by"),
    ("RELU6", {"x": (1e-9, 0)}, "too small to express 6"),
    ("TANH", {"x": (2.0**-29, 0)}, "expected 3.7"),
    ("LOGISTIC", {"x": (2.0**31, 0), "y": (1.0, -128)}, "expected 3.7"),
]


@pytest.mark.parametrize(("code", "options", "sentence"), REFUSED_LIKE_TFLM + REFUSED)
def test_refused(code: str, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ModelError) as refused:
        load(spoiled(code, **options))
    assert sentence in refused.value.what and refused.value.what.endswith(".")
    assert refused.value.at == f"m: op 0 {code}"


def test_sums_of_the_least_weight_are_bounded_at_the_bit() -> None:
    """-128 counts as 128: one weight more than 2^31 / (128 * 255) of them is refused."""
    for taps, fits in ((65793, True), (65794, False)):
        m = ModelBuilder()
        weights = np.full((1, taps), -128, np.int8)
        inputs = [m.tensor((1, taps), scale=0.1, zero_point=-128)]
        inputs += [m.tensor((1, taps), scale=0.1, data=weights)]
        m.op("FULLY_CONNECTED", inputs, [m.tensor((1, 1), scale=1e3)])
        if fits:
            load(m.build())
            continue
        with pytest.raises(ModelError, match=f"can reach {taps * 128 * 255}"):
            load(m.build())


@pytest.mark.parametrize(("code", "options"), [case[:2] for case in REFUSED_LIKE_TFLM])
def test_refused_because_tflm_refuses(code: str, options: dict[str, object]) -> None:
    with pytest.raises(OracleRefused), Oracle(spoiled(code, **options)):
        pass


@pytest.mark.parametrize("scale", [0.0099, 0.031, 0.0])
def test_bias_scales_are_judged_like_tflm(scale: float) -> None:
    # of input 0.1 and weights 0.1, in units of an output scale of 1.0: 0.02 may differ
    m = ModelBuilder()
    inputs = [
        m.tensor((1, 2), scale=0.1),
        m.tensor((2, 2), scale=0.1, data=[[1, 2], [3, 4]]),
        m.tensor((2,), "int32", scale=scale or None, data=[5, 6]),
    ]
    y = m.tensor((1, 2), scale=1.0 if scale else 0.1)
    m.op("FULLY_CONNECTED", inputs, [y])
    model = m.build()
    if scale == 0.0099:
        assert_as_tflm([(model, [np.array([[7, 8]], np.int8)])])
        return
    with pytest.raises(ModelError, match="The bias"):
        load(model)
    with pytest.raises(OracleRefused), Oracle(model):
        pass


def weighted_by(**weights: object) -> bytes:
    """A convolution whose weights are made with ``weights``."""
    m = ModelBuilder()
    x = m.tensor((1, 4, 4, 2), scale=0.1)
    w = m.tensor((2, 1, 1, 2), **{"scale": 0.1, "data": np.ones((2, 1, 1, 2)), **weights})
    m.op("CONV_2D", [x, w], [m.tensor((1, 4, 4, 2), scale=0.1)], stride_h=1, stride_w=1)
    return m.build()


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({"dtype": "int16"}, "supports int8 here, but tensor 1 is int16"),
        ({"scale": None}, "not quantized"),
        ({"zero_point": 3}, "zero point other than 0"),
        ({"scale": [0.1, 0.2], "axis": 3}, "2 scales along axis 3, expected 1 or 2 along axis 0"),
    ],
)
def test_refused_weights(weights: dict[str, object], sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        load(weighted_by(**weights))


def test_refused_operands() -> None:
    m = ModelBuilder()
    x, z = m.tensor((1, 4, 4, 2), scale=0.1), m.tensor((2, 1, 1, 2), scale=0.1)
    y = m.tensor((1, 4, 4, 2), scale=0.1)
    m.op("CONV_2D", [x, z], [y], stride_h=1, stride_w=1)
    with pytest.raises(ModelError, match="must be constant"):
        load(m.build())

    m = ModelBuilder()
    x = m.tensor((1, 4, 4, 3), scale=0.1)
    w = m.tensor((4, 1, 1, 2), scale=0.1, data=np.ones((4, 1, 1, 2)))
    y = m.tensor((1, 4, 4, 4), scale=0.1)
    m.op("CONV_2D", [x, w], [y], stride_h=1, stride_w=1)
    with pytest.raises(ModelError, match="into groups"):
        load(m.build())

    m = ModelBuilder()
    x = m.tensor((1, 4, 4, 2), scale=0.1)
    w = m.tensor((1, 1, 1, 2), scale=0.1, data=np.ones((1, 1, 1, 2)))
    y = m.tensor((1, 4, 4, 2), scale=0.1)
    m.op("DEPTHWISE_CONV_2D", [x, w, None], [y], stride_h=1, stride_w=1, depth_multiplier=1)
    with pytest.raises(ModelError, match="absent"):
        load(m.build())

    with pytest.raises(ModelError, match="needs one scale and zero point, but has 0"):
        m = ModelBuilder()
        m.op("RELU", [m.tensor((2,), scale=1.0)], [m.tensor((2,))])
        load(m.build())


@pytest.mark.parametrize("to_float", [False, True])
def test_refused_subnormal_scales(to_float: bool) -> None:
    m = ModelBuilder()
    tensors = [m.tensor((2,), scale=1e-40), m.tensor((2,), "float32")]
    x, y = tensors if to_float else tensors[::-1]
    m.op("DEQUANTIZE" if to_float else "QUANTIZE", [x], [y])
    with pytest.raises(ModelError, match="subnormal"):
        load(m.build())


def test_softmax_of_too_many_elements() -> None:
    model = unary("SOFTMAX", (0.1, 0), (1 / 256, -128), (4096,), beta=1.0)
    with pytest.raises(ModelError, match="SOFTMAX over 4096 elements"):
        load(model)


# Finding and resolving operators


def test_operators_have_the_schema_s_numbers_and_one_reference_variant() -> None:
    assert set(operators()) >= set(CODES)
    for name, operator in operators().items():
        # an operator that only passes make has no number, and stands for others that have kernels
        assert operator.name == name
        assert operator.code == getattr(tflite.BuiltinOperator, name, None)
        reference = any(variant.provider == "reference" for variant in operator.variants)
        assert reference or operator.code is None
    assert list(operators()) == sorted(operators())


@pytest.mark.parametrize("code", CODES)
def test_costs_are_positive_and_grow_with_the_work(code: str) -> None:
    costs = []
    for seed in range(40):
        graph = load(random_op_model(code, np.random.default_rng(seed)))
        (op,) = graph.ops
        cost = kernels.reference(graph, op).forms(graph, op)[0].cycles
        assert cost > operators()[code].macs(graph, op)
        costs.append((graph.output(op).elements, cost))
    assert max(costs)[1] > min(costs)[1] > 0


def test_all_unsupported_operators_are_listed_with_counts() -> None:
    m = ModelBuilder()
    tensors = [m.tensor((4,), scale=1.0) for _ in range(6)]
    codes = ["ELU", "RELU", "HARD_SWISH", "ELU", "HARD_SWISH"]
    for code, x, y in zip(codes, tensors, tensors[1:], strict=False):
        m.op(code, [x], [y])
    with pytest.raises(ModelError) as refused:
        resolve(read_model(m.build(), "m"))
    assert refused.value.what.endswith("support: ELU (2x), HARD_SWISH (2x).")
    assert refused.value.at == "m"
    assert all(code in refused.value.tries[0] for code in CODES)
    assert Counter(codes)["RELU"] and "RELU (1x)" not in refused.value.what


def test_options_default_when_the_table_is_absent() -> None:
    graph = read_model(spoiled("FULLY_CONNECTED"), "m")
    bare: Graph = replace(graph, ops=tuple(replace(op, options=None) for op in graph.ops))
    assert resolve(bare).ops[0].options == resolve(graph).ops[0].options
    conv = read_model(spoiled("CONV_2D"), "m")
    bare = replace(conv, ops=tuple(replace(op, options=None) for op in conv.ops))
    with pytest.raises(ModelError, match="stride_h is 0"):
        resolve(bare)
