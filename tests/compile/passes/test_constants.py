"""Ops that compute constants give way to them at build: the same values as TFLM's at run time."""

from __future__ import annotations

import numpy as np
import pytest

from fwgen.compile.macs import macs
from fwgen.compile.passes import optimize
from fwgen.errors import ModelError
from fwgen.model.reader import read_model
from fwgen.ops.parts import constant_ops
from fwgen.report.inspection import Looked, inspection_data
from tests.kernels import on_this_machine as kernels
from tests.tflite_models import ModelBuilder, Tensor, random_inputs
from tests.tflite_models.made_weights import ints, model_with_made_weights
from tests.tflite_models.tflm import Run, assert_as_tflm, load, tflm

# Weights that come out of ops


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


def test_ops_that_are_not_folded_run_on_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    """A convolution of constants, whose channels once could not be bounded; it takes no time."""
    rng = np.random.default_rng(3)
    m = ModelBuilder()
    x = m.tensor((1, 4, 4, 2), scale=0.1, zero_point=3, data=rng.integers(-128, 128, (1, 4, 4, 2)))
    w = m.tensor((3, 2, 2, 2), scale=0.01, data=rng.integers(-127, 128, (3, 2, 2, 2)))
    y = m.tensor((1, 4, 4, 3), scale=0.1)
    a, total = m.tensor((1, 4, 4, 3), scale=0.1), m.tensor((1, 4, 4, 3), scale=0.2)
    m.op("CONV_2D", [x, w], [y], padding="SAME", stride_h=1, stride_w=1)
    m.op("ADD", [y, a], [total])
    model = m.build()
    run = model, random_inputs(model, rng)
    assert [op.code for op in optimize(load(model), strict=False).ops] == ["ADD"]
    assert_as_tflm([run])
    monkeypatch.setattr(constant_ops, "MOST_MACS", 383)  # it has 384
    assert [op.code for op in optimize(load(model), strict=False).ops] == ["CONV_2D", "ADD"]
    assert_as_tflm([run])


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
    assert inspection_data(graph, Looked(macs(graph)))["model"]["weights_bytes"] == 20


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
    m.op("TRANSPOSE", [x, m.tensor((0,), "int32")], [y])
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
