"""The committed models are what ``tools/make_models.py`` says they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tflite

from fwgen.host.oracle import Oracle
from tests.tflite_models import random_inputs

FOLDER = Path(__file__).parents[2] / "models"
MODELS = sorted(FOLDER.glob("*.tflite"))
CONVERTED = set(
    [
        "ADD",
        "AVERAGE_POOL_2D",
        "CONCATENATION",
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "DEQUANTIZE",
        "EXPAND_DIMS",
        "FULLY_CONNECTED",
        "LOGISTIC",
        "MAXIMUM",
        "MAX_POOL_2D",
        "MEAN",
        "MINIMUM",
        "MUL",
        "PAD",
        "QUANTIZE",
        "RELU",
        "RELU6",
        "RESHAPE",
        "SOFTMAX",
        "SQUEEZE",
        "STRIDED_SLICE",
        "SUB",
        "TANH",
        "TRANSPOSE",
    ]
)
"""The operators of which the models hold an example made by TensorFlow's converter."""
OPERATOR_NAMES = {n: name for name, n in vars(tflite.BuiltinOperator).items() if isinstance(n, int)}


def operators_of(path: Path) -> set[str]:
    model = tflite.Model.GetRootAs(path.read_bytes())
    codes = [model.OperatorCodes(i) for i in range(model.OperatorCodesLength())]
    return {OPERATOR_NAMES[max(c.BuiltinCode(), c.DeprecatedBuiltinCode())] for c in codes}


def activations_of(path: Path) -> Iterator[tflite.Tensor]:
    """The tensors that are not constant."""
    model = tflite.Model.GetRootAs(path.read_bytes())
    graph = model.Subgraphs(0)
    for index in range(graph.TensorsLength()):
        tensor = graph.Tensors(index)
        if model.Buffers(tensor.Buffer()).DataLength() == 0:
            yield tensor


def test_the_models_are_there() -> None:
    names = {path.stem for path in MODELS}
    assert names == {"digits", "mixed_ops", "float_io", "dynamic_shape"}


def test_digits_recognizes_its_held_out_images_through_tflm() -> None:
    data = np.load(FOLDER / "digits_inputs.npz")
    inputs, labels = data["inputs"], data["labels"]
    assert (inputs.dtype, inputs.shape[1:]) == (np.int8, (8, 8, 1))
    assert (labels.dtype, labels.shape) == (np.uint8, inputs.shape[:1])
    assert len(inputs) >= 300 and set(labels.tolist()) == set(range(10))
    with Oracle((FOLDER / "digits.tflite").read_bytes()) as oracle:
        answers = [int(oracle.invoke([x[np.newaxis]])[0].argmax()) for x in inputs]
    assert np.mean(answers == labels) >= 0.98


def test_digits_has_the_layers_of_a_small_network() -> None:
    assert operators_of(FOLDER / "digits.tflite") == {
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "MAX_POOL_2D",
        "AVERAGE_POOL_2D",
        "RESHAPE",
        "FULLY_CONNECTED",
        "SOFTMAX",
    }


def test_the_models_have_an_example_of_each_operator() -> None:
    assert set().union(*map(operators_of, MODELS)) == CONVERTED


def test_the_files_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert sizes.pop("digits_inputs.npz") < 64 << 10
    assert max(sizes.values()) < 20 << 10


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_all_activations_are_int8(path: Path) -> None:
    floats = [t for t in activations_of(path) if t.Type() != tflite.TensorType.INT8]
    assert all(t.Type() == tflite.TensorType.FLOAT32 for t in floats)
    assert len(floats) == (2 if path.stem == "float_io" else 0)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_tflm_runs_the_model(path: Path) -> None:
    model = path.read_bytes()
    rng = np.random.default_rng(1)
    with Oracle(model) as oracle:
        answers = {oracle.invoke(random_inputs(model, rng))[0].tobytes() for _ in range(20)}
    assert len(answers) > 5


def test_mixed_ops_and_float_io_are_one_network() -> None:
    rng = np.random.default_rng(2)
    with (
        Oracle((FOLDER / "mixed_ops.tflite").read_bytes()) as quantized,
        Oracle((FOLDER / "float_io.tflite").read_bytes()) as real,
    ):
        for _ in range(5):
            (y,) = real.invoke([rng.normal(0, 1.5, (1, 8, 8, 4)).astype(np.float32)])
            (x,) = real.tensors([real_input_index()])
            (expected,) = quantized.invoke([x])
            np.testing.assert_array_equal(y, (expected.astype(np.float32) + 128) / 256)


def real_input_index() -> int:
    """Index in float_io of what its QUANTIZE makes of the input."""
    graph = tflite.Model.GetRootAs((FOLDER / "float_io.tflite").read_bytes()).Subgraphs(0)
    return int(graph.Operators(0).Outputs(0))
