"""Ops that compute constants give way to them at build: the same values as TFLM's at run time."""

from __future__ import annotations

import kernels
import numpy as np
import pytest
from tflite_models import ModelBuilder, Tensor, random_inputs
from tflm import Run, assert_as_tflm, load, tflm

from fwgen.compile.macs import macs
from fwgen.compile.passes import optimize
from fwgen.errors import ModelError
from fwgen.model.reader import read_model
from fwgen.ops.parts import constant_ops
from fwgen.report.inspection import inspection_data

# Weights that come out of ops


def through(m: ModelBuilder, rng: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    """Weights of ``shape`` and scale 0.01 that up to four ops make of constants."""
    x = m.tensor(shape, scale=0.01, data=rng.integers(-127, 128, shape))
    for _ in range(rng.integers(1, 5)):
        x = MAKERS[rng.integers(len(MAKERS))](m, rng, x)
    return x


def like(m: ModelBuilder, shape: tuple[int, ...]) -> Tensor:
    return m.tensor(shape, scale=0.01)


def ints(m: ModelBuilder, values: object) -> Tensor:
    return m.tensor(np.shape(values), "int32", data=values)


def reshaped(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    flat, y = like(m, (int(np.prod(x.shape)),)), like(m, x.shape)
    m.op("RESHAPE", [x, ints(m, flat.shape)], [flat], new_shape=flat.shape)
    m.op("RESHAPE", [flat], [y], new_shape=x.shape)
    return y


def transposed(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    order = rng.permutation(len(x.shape))
    t, y = like(m, tuple(x.shape[d] for d in order)), like(m, x.shape)
    m.op("TRANSPOSE", [x, ints(m, order)], [t])
    m.op("TRANSPOSE", [t, ints(m, np.argsort(order))], [y])
    return y


def padded_and_cut(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    """PAD and STRIDED_SLICE, of which a part of the zeros stays."""
    pairs = rng.integers(0, 3, (len(x.shape), 2))
    padded, y = like(m, tuple(x.shape + pairs.sum(axis=1))), like(m, x.shape)
    m.op("PAD", [x, ints(m, pairs)], [padded])
    begin = pairs.sum(axis=1) // 2
    operands = [ints(m, v) for v in (begin, begin + x.shape, np.ones_like(begin))]
    m.op("STRIDED_SLICE", [padded, *operands], [y])
    return y


def joined(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    double, y = like(m, (2 * x.shape[0], *x.shape[1:])), like(m, x.shape)
    m.op("CONCATENATION", [x, x], [double], axis=0)
    zeros, steps = np.zeros(len(x.shape), int), np.ones(len(x.shape), int)
    steps[0] = 2
    m.op("STRIDED_SLICE", [double, ints(m, zeros), ints(m, double.shape), ints(m, steps)], [y])
    return y


def squeezed(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    more, y = like(m, (1, *x.shape)), like(m, x.shape)
    m.op("EXPAND_DIMS", [x, ints(m, [0])], [more])
    m.op("SQUEEZE", [more], [y], squeeze_dims=[0])
    return y


def floats(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    real, y = m.tensor(x.shape, "float32"), like(m, x.shape)
    m.op("DEQUANTIZE", [x], [real])
    m.op("QUANTIZE", [real], [y])
    return y


def mapped(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    y = like(m, x.shape)
    code = str(rng.choice(["RELU", "RELU6", "QUANTIZE", "TANH"]))
    m.op(code, [x], [y])
    return y


def combined(m: ModelBuilder, rng: np.random.Generator, x: Tensor) -> Tensor:
    y = like(m, x.shape)
    other = m.tensor((x.shape[-1],), scale=0.01, data=rng.integers(-100, 101, x.shape[-1]))
    m.op(str(rng.choice(["ADD", "SUB", "MINIMUM", "MAXIMUM"])), [x, other], [y])
    return y


MAKERS = (reshaped, transposed, padded_and_cut, joined, squeezed, floats, mapped, combined)


def model_with_made_weights(rng: np.random.Generator) -> bytes:
    m = ModelBuilder()
    code = str(rng.choice(["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"]))
    channels, outputs = (int(n) for n in rng.integers(1, 6, 2))
    options = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    if code == "FULLY_CONNECTED":
        x, w = m.tensor((3, channels), scale=0.1, zero_point=-4), (outputs, channels)
        options, shape = {}, (3, outputs)
    elif code == "CONV_2D":
        x, w = m.tensor((1, 4, 5, channels), scale=0.1, zero_point=-4), (outputs, 2, 3, channels)
        shape = (1, 4, 5, outputs)
    else:
        x, w = m.tensor((1, 4, 5, channels), scale=0.1, zero_point=-4), (1, 3, 2, channels)
        shape, options["depth_multiplier"] = (1, 4, 5, channels), 1
    y = m.tensor(shape, scale=0.05, zero_point=7)
    m.op(code, [x, through(m, rng, w)], [y], **options)
    return m.build()


def test_weights_that_come_out_of_ops() -> None:
    runs = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        model = model_with_made_weights(rng)
        assert len(load(model).ops) == 1
        runs.append((model, random_inputs(model, rng)))
    assert_as_tflm(runs)


def test_paddings_that_come_out_of_an_op() -> None:
    """TFLM wants them constant in the file, so the same model with such ones is the oracle."""
    pairs = [[0, 1], [2, 3], [1, 1], [2, 1]]
    models = []
    for direct in (True, False):
        m = ModelBuilder()
        x = m.tensor((1, 2, 3, 1), scale=0.1, zero_point=5)
        y = m.tensor((2, 7, 5, 4), scale=0.1, zero_point=5)
        made = ints(m, pairs) if direct else m.tensor((4, 2), "int32")
        if not direct:
            m.op("RESHAPE", [ints(m, np.ravel(pairs)), ints(m, [4, 2])], [made])
        m.op("PAD", [x, made], [y])
        models.append(m.build(inputs=[x]))
    inputs = random_inputs(models[0], np.random.default_rng(1))
    graph = load(models[1])
    assert [op.code for op in graph.ops] == ["PAD"]
    got = kernels.run([(graph, inputs)])[0][graph.outputs[0]]
    assert got.tobytes() == tflm(models[0], inputs).tobytes()


# What stays


def constant_model(code: str, x: Tensor, y: Tensor, m: ModelBuilder, **options: object) -> Run:
    """An op on constants that writes an output, beside another that reads an input."""
    a, b = m.tensor((3,), scale=0.1), m.tensor((3,), scale=0.1)
    m.op(code, [x], [y], **options)
    m.op("RELU", [a], [b])
    model = m.build(outputs=[y, b])
    return model, random_inputs(model, np.random.default_rng(1))


def test_outputs_of_the_model_are_written_whatever_they_are_made_of() -> None:
    data = np.random.default_rng(2).integers(-128, 128, (1, 4, 4, 2))
    runs = []
    for code, options in (
        ("RELU", {}),
        ("RESHAPE", {"new_shape": [2, 16]}),
        ("SQUEEZE", {}),
        ("AVERAGE_POOL_2D", {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}),
        ("SOFTMAX", {"beta": 1.0}),
    ):
        m = ModelBuilder()
        x = m.tensor((1, 4, 4, 2), scale=0.1, zero_point=3, data=data)
        shape = {
            "RESHAPE": (2, 16), "SQUEEZE": (4, 4, 2), "AVERAGE_POOL_2D": (1, 2, 2, 2)
        }.get(code, x.shape)  # fmt: skip
        scale, zero_point = (1 / 256, -128) if code == "SOFTMAX" else (0.1, 3)
        y = m.tensor(shape, scale=scale, zero_point=zero_point)
        runs.append(constant_model(code, x, y, m, **options))
    for model, _ in runs:
        graph = load(model)
        assert len(graph.ops) == 2
        optimize(graph, strict=False)  # once ended in a traceback
    assert_as_tflm(runs)


def test_ops_that_are_not_folded_run_on_constants() -> None:
    """A convolution of constants, whose channels once could not be bounded."""
    rng = np.random.default_rng(3)
    m = ModelBuilder()
    x = m.tensor((1, 4, 4, 2), scale=0.1, zero_point=3, data=rng.integers(-128, 128, (1, 4, 4, 2)))
    w = m.tensor((3, 2, 2, 2), scale=0.01, data=rng.integers(-127, 128, (3, 2, 2, 2)))
    y = m.tensor((1, 4, 4, 3), scale=0.1)
    a, total = m.tensor((1, 4, 4, 3), scale=0.1), m.tensor((1, 4, 4, 3), scale=0.2)
    m.op("CONV_2D", [x, w], [y], padding="SAME", stride_h=1, stride_w=1)
    m.op("ADD", [y, a], [total])
    model = m.build()
    graph = optimize(load(model), strict=False)
    assert [op.code for op in graph.ops] == ["CONV_2D", "ADD"]
    assert_as_tflm([(model, random_inputs(model, rng))])


def test_no_small_file_makes_large_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a limit ops stay, and compute at run time."""
    m = ModelBuilder()
    x = m.tensor((1,), scale=0.1, data=[7])
    made = []
    for _ in range(3):
        y = m.tensor((100,), scale=0.1)
        m.op("PAD", [x, ints(m, [[0, 99]])], [y])
        made.append(y)
    a, b, c, d = (m.tensor((100,), scale=0.1) for _ in range(4))
    for left, right, out in ((a, made[0], b), (b, made[1], c), (c, made[2], d)):
        m.op("MAXIMUM", [left, right], [out])
    model = m.build()
    assert len(load(model).ops) == 3
    monkeypatch.setattr(constant_ops, "MOST_BYTES", 250)
    assert [op.code for op in load(model).ops].count("PAD") == 1
    assert_as_tflm([(model, random_inputs(model, np.random.default_rng(1)))])
    assert constant_ops.MOST_BYTES <= 16 << 20


def test_ops_keep_their_numbers_and_constants_are_read_only() -> None:
    graph = load(model_with_made_weights(np.random.default_rng(1)))
    raw = read_model(model_with_made_weights(np.random.default_rng(1)), "m")
    assert graph.ops[0].index == len(raw.ops) - 1
    made = graph.input(graph.ops[0], 1)
    assert made.data is not None and not made.data.flags.writeable
    assert made.source == made.index


def test_inspect_counts_constants_that_ops_read() -> None:
    """Not what went into folded ops, nor what nothing reads."""
    m = ModelBuilder()
    x, y = m.tensor((1, 4), scale=0.1), m.tensor((1, 5), scale=0.1)
    w = m.tensor((5, 4), scale=0.01)
    m.op("RESHAPE", [m.tensor((20,), scale=0.01, data=np.arange(20)), ints(m, [5, 4])], [w])
    m.tensor((99,), data=np.zeros(99))
    m.op("FULLY_CONNECTED", [x, w], [y])
    graph = load(m.build(inputs=[x]))
    assert inspection_data(graph, macs(graph))["model"]["weights_bytes"] == 20


# The shape of a scalar has no elements


@pytest.mark.parametrize("buffer", [False, True])
def test_reshape_to_a_scalar(buffer: bool) -> None:
    """The shape operand is an int32 tensor of shape [0], with an empty buffer or with none."""
    m = ModelBuilder()
    x, y = m.tensor((1, 1), scale=0.1), m.tensor((), scale=0.1)
    shape = m.tensor((0,), "int32", data=[] if buffer else None)
    m.op("RESHAPE", [x, shape], [y])
    model = m.build(inputs=[x])
    graph = load(model)
    assert graph.tensors[shape.index].constant.shape == (0,)
    assert_as_tflm([(model, random_inputs(model, np.random.default_rng(1)))])


@pytest.mark.parametrize("dtype", ["int8", "float32", "int64"])
def test_other_tensors_without_elements_are_refused(dtype: str) -> None:
    m = ModelBuilder()
    m.op("RESHAPE", [m.tensor((0,), dtype)], [m.tensor((), dtype)])
    with pytest.raises(ModelError, match="must be 1 or more"):
        load(m.build())


def test_no_other_operand_may_be_the_shape_of_a_scalar() -> None:
    m = ModelBuilder()
    x, y = m.tensor((4, 2), scale=0.1), m.tensor((4, 2), scale=0.1)
    m.op("MEAN", [x, m.tensor((0,), "int32")], [y], keep_dims=True)
    with pytest.raises(ModelError, match="Tensor 2 has no elements"):
        load(m.build(inputs=[x]))

    m = ModelBuilder()
    x, empty, y = m.tensor((3,), "int32"), m.tensor((0,), "int32"), m.tensor((3,), "int32")
    m.op("CONCATENATION", [x, empty], [y], axis=0)
    with pytest.raises(ModelError, match="Tensor 1 has no elements"):
        load(m.build(inputs=[x]))


def test_nothing_computes_the_shape_of_a_scalar() -> None:
    m = ModelBuilder()
    x, y = m.tensor((0,), "int32"), m.tensor((0,), "int32")
    m.op("RESHAPE", [x], [y])
    with pytest.raises(ModelError, match="An input of the model is constant"):
        load(m.build(inputs=[x]))
    with pytest.raises(ModelError, match="writes tensor 1, which is an input or constant"):
        load(m.build(inputs=[m.tensor((1,), scale=0.1)]))
