"""The check of graphs: what tensors and ops say of one another, and the sentences about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fwgen.errors import ModelError
from fwgen.model import check as check_module
from fwgen.model.check import check
from fwgen.model.element import Element
from fwgen.model.schema import (
    BufferField,
    OperatorField,
    QuantizationParameters,
    SubGraph,
    TensorField,
)
from tests.tflite_models.small import (
    FLOAT32,
    INT8,
    INT32,
    Node,
    Number,
    a_buffer,
    a_quant,
    a_tensor,
    an_op,
    main,
    numbers,
    quantization,
    read,
    refused,
    small_model,
    write,
)

REFUSED = {
    "no inputs": (main, SubGraph.INPUTS, numbers("i"), "no input"),
    "no outputs": (main, SubGraph.OUTPUTS, numbers("i"), "no output"),
    "input index": (main, SubGraph.INPUTS, numbers("i", 5), "no tensor 5; the model has 5"),
    "output index": (main, SubGraph.OUTPUTS, numbers("i", -1), "no tensor -1"),
    "constant input": (main, SubGraph.INPUTS, numbers("i", 1), "input of the model is constant"),
    "constant output": (main, SubGraph.OUTPUTS, numbers("i", 2), "No op writes this output"),
    "op input": (
        an_op(0),
        OperatorField.INPUTS,
        numbers("i", 0, 1, 2**31 - 1),
        "no tensor 2147483647",
    ),
    "op input -2": (an_op(0), OperatorField.INPUTS, numbers("i", -2), "no tensor -2"),
    "op output": (an_op(0), OperatorField.OUTPUTS, numbers("i", -1), "no tensor -1"),
    "early read": (an_op(0), OperatorField.INPUTS, numbers("i", 4, 1, 2), "reads tensor 4, which"),
    "own output": (an_op(0), OperatorField.INPUTS, numbers("i", 3, 1, 2), "reads tensor 3, which"),
    "write input": (an_op(0), OperatorField.OUTPUTS, numbers("i", 0), "writes tensor 0, which"),
    "write constant": (an_op(0), OperatorField.OUTPUTS, numbers("i", 1), "writes tensor 1, which"),
    "write twice": (an_op(1), OperatorField.OUTPUTS, numbers("i", 3), "writes tensor 3, which"),
    "axis": (a_quant(1), QuantizationParameters.QUANTIZED_DIMENSION, Number("i", 4), "axis 4"),
    "huge axis": (
        a_quant(0),
        QuantizationParameters.QUANTIZED_DIMENSION,
        Number("i", 2**31 - 1),
        "axis 2147483647 but has 4 dimensions",
    ),
    "axis -1": (a_quant(1), QuantizationParameters.QUANTIZED_DIMENSION, Number("i", -1), "axis -1"),
    "channels": (
        a_quant(1),
        QuantizationParameters.QUANTIZED_DIMENSION,
        Number("i", 1),
        "has 2 scales and 2 zero points, expected one or 3",
    ),
    "zero points": (
        a_quant(1),
        QuantizationParameters.ZERO_POINT,
        numbers("q", 0),
        "has 2 scales and 1 zero points",
    ),
    "no scales": (
        a_quant(0),
        QuantizationParameters.SCALE,
        numbers("f"),
        "has 0 scales and 1 zero",
    ),
    "scale 0": (a_quant(0), QuantizationParameters.SCALE, numbers("f", 0.0), "scale 0.0 is not"),
    "scale < 0": (
        a_quant(0),
        QuantizationParameters.SCALE,
        numbers("f", -1.0),
        "scale -1.0 is not",
    ),
    "scale nan": (
        a_quant(0),
        QuantizationParameters.SCALE,
        numbers("f", float("nan")),
        "scale nan",
    ),
    "scale inf": (
        a_quant(0),
        QuantizationParameters.SCALE,
        numbers("f", float("inf")),
        "scale inf",
    ),
    "zero point": (
        a_quant(0),
        QuantizationParameters.ZERO_POINT,
        numbers("q", 128),
        "128 is outside",
    ),
    "far zero point": (
        a_quant(2),
        QuantizationParameters.ZERO_POINT,
        numbers("q", 0, -(2**63)),
        "-9223372036854775808 is outside -2147483648 to 2147483647, the range for int32",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    where, slot, value, sentence = REFUSED[case]
    tree = small_model()
    where(tree)[slot] = value
    error = refused(write(tree))
    assert sentence in error.what


def test_zero_point_of_a_float_tensor_is_zero() -> None:
    tree = small_model()
    a_tensor(4)(tree)[TensorField.TYPE] = Number("b", FLOAT32)
    assert "outside 0 to 0" in refused(write(tree)).what
    a_tensor(4)(tree)[TensorField.QUANTIZATION] = quantization((1.0,), (0,))
    assert read(tree).tensors[4].dtype is Element.F32


@pytest.mark.parametrize(
    ("limit", "what"), [("MAX_OPS", "2 operators"), ("MAX_TENSORS", "5 tensors")]
)
def test_too_many(limit: str, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module, limit, 1)
    assert f"has {what}; fwgen takes at most 1" in refused(write(small_model())).what


def test_shared_constants_count_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = small_model()
    monkeypatch.setattr(check_module, "MAX_CONSTANT_BYTES", 18 + 8)
    read(tree)
    main(tree)[SubGraph.TENSORS].append(main(tree)[SubGraph.TENSORS][1])
    assert "44 bytes of constants" in refused(write(tree)).what


def with_types(activations: int, weights: int, width: int) -> Node:
    """The small model with other element types, ``width`` bytes per weight, not quantized."""
    tree = small_model()
    for index, dtype in enumerate((activations, weights, INT32, activations, activations)):
        node = a_tensor(index)(tree)
        node[TensorField.TYPE] = Number("b", dtype)
        node.pop(TensorField.QUANTIZATION)
    a_buffer(1)(tree)[BufferField.DATA] = bytes(18 * width)
    return tree


def test_float_model_has_its_own_sentence() -> None:
    error = refused(write(with_types(FLOAT32, FLOAT32, 4)))
    assert error.what == "This model is float32; fwgen needs one quantized to int8 throughout."
    assert "representative_dataset" in error.tries[0]


def test_model_with_quantized_weights_only() -> None:
    assert "dynamic range" in refused(write(with_types(FLOAT32, INT8, 1))).what


def test_float_input_of_a_quantized_model_passes() -> None:
    tree = small_model()
    a_tensor(0)(tree)[TensorField.TYPE] = Number("b", FLOAT32)
    del a_tensor(0)(tree)[TensorField.QUANTIZATION]
    assert read(tree).input(read(tree).ops[0]).dtype is Element.F32


@pytest.mark.parametrize(("code", "word"), [(1, "float16"), (16, "uint16")])
def test_types_that_no_border_has(code: int, word: str) -> None:
    tree = small_model()
    a_tensor(0)(tree)[TensorField.TYPE] = Number("b", code)
    del a_tensor(0)(tree)[TensorField.QUANTIZATION]
    assert f"is {word}, which fwgen takes only inside" in refused(write(tree)).what


def test_check_judges_graphs_of_any_origin() -> None:
    graph = read(small_model())
    backwards = replace(graph, ops=graph.ops[::-1])
    with pytest.raises(ModelError, match="reads tensor 3, which nothing wrote before"):
        check(backwards)
