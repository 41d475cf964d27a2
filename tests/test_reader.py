"""The .tflite reader and the check of its graphs: what they read, what they say of bad files."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tflite
from graph_oracle import assert_as_tflite_reads, assert_sound
from small_models import (
    FLOAT32,
    INT8,
    INT32,
    Node,
    Number,
    Numbers,
    numbers,
    operator_code,
    quantization,
    small_model,
    write,
)
from tflite_models.builder import OPTIONS

from fwgen.errors import ModelError
from fwgen.model import check as check_module
from fwgen.model import schema
from fwgen.model.check import check
from fwgen.model.flatbuffer import Table
from fwgen.model.graph import DType, Graph
from fwgen.model.reader import MAX_FILE_BYTES, load_model, read_model
from fwgen.model.schema import (
    Buffer,
    Model,
    Operator,
    OperatorCode,
    QuantizationParameters,
    SubGraph,
    Tensor,
)
from fwgen.ops.operator import Fields

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "models").glob("*.tflite")) + sorted(
    (ROOT.parent / "shared" / "models").glob("*.tflite")
)


def read(tree: Node) -> Graph:
    graph = read_model(write(tree), "small")
    check(graph)
    return graph


def main(tree: Node) -> Node:
    node: Node = tree[Model.SUBGRAPHS][0]
    return node


def a_tensor(index: int) -> Callable[[Node], Node]:
    return lambda tree: main(tree)[SubGraph.TENSORS][index]


def a_quant(index: int) -> Callable[[Node], Node]:
    return lambda tree: main(tree)[SubGraph.TENSORS][index][Tensor.QUANTIZATION]


def an_op(index: int) -> Callable[[Node], Node]:
    return lambda tree: main(tree)[SubGraph.OPERATORS][index]


def a_buffer(index: int) -> Callable[[Node], Node]:
    return lambda tree: tree[Model.BUFFERS][index]


def whole(tree: Node) -> Node:
    return tree


def refused(data: bytes) -> ModelError:
    """The error of reading and checking ``data``: sentences that say what and where."""
    with pytest.raises(ModelError) as caught:
        check(read_model(data, "small"))
    error = caught.value
    assert error.what.endswith(".") and "\n" not in error.what
    assert error.at.startswith("small")
    return error


# --- intact files


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_read_as_by_tflite(path: Path) -> None:
    graph = load_model(path)
    check(graph)
    assert_as_tflite_reads(graph, path.read_bytes())
    assert_sound(graph)
    assert graph.name == path.stem


def test_small_model_reads_as_written() -> None:
    data = write(small_model())
    graph = read_model(data, "small")
    check(graph)
    assert_as_tflite_reads(graph, data)
    assert_sound(graph)
    assert [op.code for op in graph.ops] == ["CONV_2D", "SOFTMAX"]
    assert [tensor.name for tensor in graph.tensors] == ["image", "filter", "bias", "sum", "share"]
    assert [tensor.dtype for tensor in graph.tensors[1:3]] == [DType.INT8, DType.INT32]
    quant = graph.tensors[1].quant
    assert quant is not None and quant.per_channel and quant.scales == (0.25, 2.0)


def test_constants_are_views_of_the_file() -> None:
    data = write(small_model())
    weights = read_model(data, "small").tensors[1].constant
    assert np.shares_memory(weights, np.frombuffer(data, np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0, 0, 0] = 1


def test_scalar_and_absent_quantization() -> None:
    tree = small_model()
    a_tensor(2)(tree).update({Tensor.SHAPE: numbers("i")})
    a_buffer(2)(tree).update({Buffer.DATA: (7).to_bytes(4, "little")})
    del a_tensor(2)(tree)[Tensor.QUANTIZATION]
    del a_tensor(0)(tree)[Tensor.NAME]
    graph = read(tree)
    assert graph.tensors[2].shape == () and graph.tensors[2].constant == 7
    assert graph.tensors[2].quant is None
    assert graph.tensors[0].name == ""


def test_quantization_with_a_range_only_counts_as_absent() -> None:
    tree = small_model()
    a_tensor(2)(tree)[Tensor.QUANTIZATION] = {0: numbers("f", -1.0), 1: numbers("f", 1.0)}
    assert read(tree).tensors[2].quant is None


def test_absent_optional_input() -> None:
    tree = small_model()
    an_op(0)(tree)[Operator.INPUTS] = numbers("i", 0, 1, -1)
    graph = read(tree)
    assert graph.operand(graph.ops[0], 2) is None


def test_axis_of_one_dimension_is_zero_whatever_the_file_says() -> None:
    tree = small_model()
    a_quant(2)(tree)[QuantizationParameters.QUANTIZED_DIMENSION] = Number("i", 3)
    quant = read(tree).tensors[2].quant
    assert quant is not None and quant.axis == 0


def test_only_the_first_subgraph_counts() -> None:
    tree = small_model()
    tree[Model.SUBGRAPHS].append({SubGraph.INPUTS: numbers("i", 99)})
    assert len(read(tree).ops) == 2


def test_explicit_zero_offset_of_a_buffer_means_inside() -> None:
    tree = small_model()
    a_buffer(1)(tree).update({Buffer.OFFSET: Number("Q", 0), Buffer.SIZE: Number("Q", 0)})
    assert read(tree).tensors[1].data is not None


# --- operators and their options


def test_names_and_options_of_the_schema() -> None:
    known = {n: name for name, n in vars(tflite.BuiltinOperator).items() if name[0] != "_"}
    assert dict(enumerate(schema.BUILTIN_OPERATORS[: len(known)])) == known
    types = {n: name for name, n in vars(tflite.TensorType).items() if name[0] != "_"}
    assert dict(enumerate(schema.TENSOR_TYPES[: len(types)])) == types
    unions = {n: name for name, n in vars(tflite.BuiltinOptions).items() if name[0] != "_"}
    assert {n: name.removesuffix("Options") for n, name in unions.items()} == dict(
        enumerate(schema.OPTIONS)
    )
    for operator, options in OPTIONS.items():
        assert unions[schema.options_type(operator)] == options
    assert schema.options_type("RELU") == 0


@pytest.mark.parametrize(
    ("narrow", "wide", "code"),
    [
        (3, 0, "CONV_2D"),
        (127, 145, "BROADCAST_ARGS"),
        (0, 3, "CONV_2D"),
        (127, 4000, "BUILTIN 4000"),
    ],
)
def test_operator_code_is_the_larger_of_two(narrow: int, wide: int, code: str) -> None:
    tree = small_model()
    tree[Model.OPERATOR_CODES][0] = {
        OperatorCode.DEPRECATED_BUILTIN_CODE: Number("b", narrow),
        OperatorCode.BUILTIN_CODE: Number("i", wide),
    }
    assert read(tree).ops[0].code == code


def test_custom_operator_has_its_own_name() -> None:
    tree = small_model()
    tree[Model.OPERATOR_CODES][0] = operator_code(32) | {OperatorCode.CUSTOM_CODE: b"ethos-u\n"}
    assert read(tree).ops[0].code == "CUSTOM ethos-u\\n"


def test_options_are_read_as_fields() -> None:
    tree = small_model()
    an_op(0)(tree)[Operator.BUILTIN_OPTIONS] = {
        0: Number("b", -5),
        1: Number("i", -70000),
        2: Number("B", 200),
        3: Number("f", 0.5),
        4: Number("B", 1),
        5: numbers("i", 3, -4),
    }
    table = read(tree).ops[0].options
    assert isinstance(table, Table)
    fields: Fields = table
    assert (fields.i8(0), fields.i32(1), fields.u8(2)) == (-5, -70000, 200)
    assert (fields.f32(3), fields.flag(4), fields.i32_vector(5)) == (0.5, True, (3, -4))
    assert (fields.i8(6, 9), fields.i32(99, 8), fields.f32(6, 1.5)) == (9, 8, 1.5)
    assert fields.flag(6, True) and not fields.flag(6) and fields.i32_vector(6) == ()


def test_options_field_outside_its_table() -> None:
    fields = read(small_model()).ops[1].options
    assert isinstance(fields, Table)
    with pytest.raises(ModelError, match="8 bytes at 4 is outside its table of 8") as caught:
        fields.u64(0)
    assert "operators[1].builtin_options.field 0, byte" in caught.value.at


def test_no_options() -> None:
    tree = small_model()
    an_op(0)(tree)[Operator.BUILTIN_OPTIONS_TYPE] = Number("B", 0)
    del an_op(1)(tree)[Operator.BUILTIN_OPTIONS]
    assert [op.options for op in read(tree).ops] == [None, None]


# --- names


@pytest.mark.parametrize(
    "name",
    [
        b"*/ int x; /*",
        b'a"; int evil; char *z="',
        b"trailing\\",
        b"line\n#include <stdio.h>\r\n",
        b"\x1b[31mred\x07",
        b"nul\0inside",
        b"\xff\xfe not utf-8",
        "\u202egnirts \u4f60\u597d".encode(),
        b"%n%s{{ name }}${CMAKE}??/",
        b"\x7f\x80\x9f\xa0",
        b"x" * 65536,
        b"\n" * 65536,
    ],
)
def test_hostile_names_become_short_printable_ascii(name: bytes) -> None:
    tree = small_model()
    a_tensor(0)(tree)[Tensor.NAME] = name
    graph = read(tree)
    assert_sound(graph)
    shown = graph.tensors[0].name
    assert shown.removesuffix("...").encode().decode("unicode_escape") == name[:120].decode(
        "latin-1"
    )
    assert shown.endswith("...") == (len(name) > 120)


# --- models that are refused, by what a field says

REFUSED = {
    "version": (whole, Model.VERSION, Number("I", 2), "schema version 2"),
    "no subgraph": (whole, Model.SUBGRAPHS, [], "no subgraph"),
    "no ops": (main, SubGraph.OPERATORS, [], "no operators"),
    "no inputs": (main, SubGraph.INPUTS, numbers("i"), "no input"),
    "no outputs": (main, SubGraph.OUTPUTS, numbers("i"), "no output"),
    "input index": (main, SubGraph.INPUTS, numbers("i", 5), "no tensor 5; the model has 5"),
    "output index": (main, SubGraph.OUTPUTS, numbers("i", -1), "no tensor -1"),
    "input twice": (main, SubGraph.INPUTS, numbers("i", 0, 0), "an input of the model twice"),
    "output twice": (main, SubGraph.OUTPUTS, numbers("i", 4, 4), "an output of the model twice"),
    "constant input": (main, SubGraph.INPUTS, numbers("i", 1), "input of the model is constant"),
    "unwritten output": (main, SubGraph.OUTPUTS, numbers("i", 0), "No op writes this output"),
    "constant output": (main, SubGraph.OUTPUTS, numbers("i", 2), "No op writes this output"),
    "op code": (an_op(0), Operator.OPCODE_INDEX, Number("I", 2), "Operator code 2 is not among"),
    "op input": (an_op(0), Operator.INPUTS, numbers("i", 0, 1, 2**31 - 1), "no tensor 2147483647"),
    "op input -2": (an_op(0), Operator.INPUTS, numbers("i", -2), "no tensor -2"),
    "op output": (an_op(0), Operator.OUTPUTS, numbers("i", -1), "no tensor -1"),
    "early read": (an_op(0), Operator.INPUTS, numbers("i", 4, 1, 2), "reads tensor 4, which"),
    "own output": (an_op(0), Operator.INPUTS, numbers("i", 3, 1, 2), "reads tensor 3, which"),
    "write input": (an_op(0), Operator.OUTPUTS, numbers("i", 0), "writes tensor 0, which"),
    "write constant": (an_op(0), Operator.OUTPUTS, numbers("i", 1), "writes tensor 1, which"),
    "write twice": (an_op(1), Operator.OUTPUTS, numbers("i", 3), "writes tensor 3, which"),
    "options type": (an_op(0), Operator.BUILTIN_OPTIONS_TYPE, Number("B", 9), "Conv2DOptions"),
    "zero dimension": (a_tensor(0), Tensor.SHAPE, numbers("i", 1, 0, 4, 1), "must be 1 or more"),
    "open dimension": (a_tensor(0), Tensor.SHAPE, numbers("i", -1, 4, 4, 1), "must be 1 or more"),
    "two negatives": (a_tensor(1), Tensor.SHAPE, numbers("i", -2, -9), "must be 1 or more"),
    "rank": (a_tensor(0), Tensor.SHAPE, Numbers("i", (1,) * 9), "9 dimensions"),
    "2 GiB": (a_tensor(0), Tensor.SHAPE, numbers("i", 2**16, 2**15), "needs 2,147,483,648 bytes"),
    "2^63": (a_tensor(0), Tensor.SHAPE, Numbers("i", (2**21,) * 3), "9,223,372,036,854,775,808"),
    "data size": (a_tensor(1), Tensor.SHAPE, numbers("i", 2, 3, 3, 2), "has 18 bytes, but shape"),
    "data type": (a_tensor(2), Tensor.TYPE, Number("b", 4), "int64 needs 16"),
    "buffer index": (a_tensor(0), Tensor.BUFFER, Number("I", 3), "Buffer 3 is not among"),
    "buffer 0": (a_buffer(0), Buffer.DATA, bytes(16), "Buffer 0 holds data"),
    "large model": (a_buffer(1), Buffer.OFFSET, Number("Q", 2**40), "outside the flatbuffer"),
    "external": (a_tensor(1), Tensor.EXTERNAL_BUFFER, Number("I", 1), "in another file"),
    "variable": (a_tensor(3), Tensor.IS_VARIABLE, Number("B", 1), "from one inference to the next"),
    "sparse": (a_tensor(1), Tensor.SPARSITY, {}, "is stored sparsely"),
    "int4": (a_tensor(1), Tensor.TYPE, Number("b", 17), "elements are INT4, which"),
    "string": (a_tensor(1), Tensor.TYPE, Number("b", 5), "elements are STRING, which"),
    "resource": (a_tensor(1), Tensor.TYPE, Number("b", 13), "elements are RESOURCE, which"),
    "type": (a_tensor(1), Tensor.TYPE, Number("b", 23), "type 23 is unknown"),
    "negative type": (a_tensor(1), Tensor.TYPE, Number("b", -1), "type -1 is unknown"),
    "custom quant": (a_quant(1), QuantizationParameters.DETAILS_TYPE, Number("B", 1), "custom"),
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


def patch(at: Callable[[bytes], int], format: str, value: int) -> bytes:
    data = bytearray(write(small_model()))
    struct.pack_into(format, data, at(data), value)
    return bytes(data)


def root(data: bytes) -> int:
    """Position of the root table."""
    return int(struct.unpack_from("<I", data)[0])


def vtable(data: bytes) -> int:
    return root(data) - int(struct.unpack_from("<i", data, root(data))[0])


def subgraphs(data: bytes) -> int:
    """Position of the vector of subgraphs."""
    field = root(data) + struct.unpack_from("<H", data, vtable(data) + 4 + 2 * Model.SUBGRAPHS)[0]
    return int(field + struct.unpack_from("<I", data, field)[0])


@pytest.mark.parametrize(
    ("at", "format", "value", "what", "where"),
    [
        (lambda _: 0, "<I", 0, "an offset leads to itself", "small: model, byte 0"),
        (lambda _: 0, "<I", 941, "4 bytes at 941 are outside the file", "small: model, byte 941"),
        (root, "<i", 1 << 30, "4 bytes at -10737", "small: model, byte -10737"),
        (vtable, "<H", 2, "a vtable has an impossible size", "small: model, byte"),
        (vtable, "<H", 7, "a vtable has an impossible size", "small: model, byte"),
        (vtable, "<H", 0xFFFE, "65534 bytes at", "small: model, byte"),
        (lambda d: vtable(d) + 2, "<H", 2, "a vtable has an impossible size", "small: model, byte"),
        (lambda d: vtable(d) + 2, "<H", 0xFFFF, "65535 bytes at", "small: model, byte"),
        (lambda d: vtable(d) + 4, "<H", 0x8000, "4 bytes at 32768 is outside its table", "version"),
        (lambda d: vtable(d) + 4, "<H", 3, "4 bytes at 3 is outside its table", "version"),
        (subgraphs, "<I", 2**30, "a vector of 1073741824 elements ends", "model.subgraphs, byte"),
        (
            lambda d: subgraphs(d) + 4,
            "<I",
            2**31,
            "are outside the file",
            "model.subgraphs[0], byte",
        ),
    ],
)
def test_damage_is_named(
    at: Callable[[bytes], int], format: str, value: int, what: str, where: str
) -> None:
    error = refused(patch(at, format, value))
    assert error.what.startswith("The file is damaged: ") and what in error.what
    assert where in error.at


def test_error_of_a_tensor_names_the_op_that_has_it() -> None:
    tree = small_model()
    a_tensor(3)(tree)[Tensor.IS_VARIABLE] = Number("B", 1)
    assert refused(write(tree)).at == 'small: tensor 3 "sum" of op 0 CONV_2D'


def test_vectors_that_are_absent() -> None:
    tree = small_model()
    del tree[Model.BUFFERS]
    assert refused(write(tree)).what == "Buffer 0 is not among the model's 0."


def test_zero_point_of_a_float_tensor_is_zero() -> None:
    tree = small_model()
    a_tensor(4)(tree)[Tensor.TYPE] = Number("b", FLOAT32)
    assert "outside 0 to 0" in refused(write(tree)).what
    a_tensor(4)(tree)[Tensor.QUANTIZATION] = quantization((1.0,), (0,))
    assert read(tree).tensors[4].dtype is DType.FLOAT32


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
        node[Tensor.TYPE] = Number("b", dtype)
        node.pop(Tensor.QUANTIZATION)
    a_buffer(1)(tree)[Buffer.DATA] = bytes(18 * width)
    return tree


def test_float_model_has_its_own_sentence() -> None:
    error = refused(write(with_types(FLOAT32, FLOAT32, 4)))
    assert error.what == "This model is float32; fwgen needs one quantized to int8 throughout."
    assert "representative_dataset" in error.tries[0]


def test_model_with_quantized_weights_only() -> None:
    assert "dynamic range" in refused(write(with_types(FLOAT32, INT8, 1))).what


def test_float_input_of_a_quantized_model_passes() -> None:
    tree = small_model()
    a_tensor(0)(tree)[Tensor.TYPE] = Number("b", FLOAT32)
    del a_tensor(0)(tree)[Tensor.QUANTIZATION]
    assert read(tree).input(read(tree).ops[0]).dtype is DType.FLOAT32


def test_check_judges_graphs_of_any_origin() -> None:
    graph = read(small_model())
    backwards = replace(graph, ops=graph.ops[::-1])
    with pytest.raises(ModelError, match="reads tensor 3, which nothing wrote before"):
        check(backwards)


# --- files


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"", "it is empty"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"PK\x03\x04" + bytes(30), "zip archive"),
        (b"\x08\x07\x12\x07pytorch", "ONNX"),
        (b"\x08\x01\x12\x07", "saved_model.pb"),
        (b"\n\n<!DOCTYPE html>", "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\x1c\x00\x00\x00TFL2" + bytes(30), "1c 00 00 00 54 46 4c 32 00"),
        (b"TFL3", "54 46 4c 33"),
    ],
)
def test_what_else_a_file_may_be(start: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "small.tflite"
    path.write_bytes(start)
    with pytest.raises(ModelError, match=r"This is not a \.tflite model: ") as caught:
        load_model(path)
    assert what in caught.value.what


def test_eight_bytes_with_the_right_identifier() -> None:
    error = refused(bytes.fromhex("1800000054464c33"))
    assert error.what == "The file is damaged: 4 bytes at 24 are outside the file."
    assert error.at == "small: model, byte 24 of 8"


def unreadable(tmp_path: Path) -> dict[str, tuple[Path, str]]:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with (tmp_path / "huge.tflite").open("wb") as huge:
        huge.write(write(small_model()))
        huge.truncate(2 << 30)
    return {
        "missing": (tmp_path / "none.tflite", "No such file"),
        "folder": (tmp_path, "but this is a folder"),
        "saved model": (tmp_path / "saved", "but this is a TensorFlow SavedModel"),
        "pipe": (tmp_path / "pipe", "neither a file nor a link"),
        "device": (Path("/dev/zero"), "neither a file nor a link"),
        "loop": (tmp_path / "loop", "cannot be read: "),
        "nul": (tmp_path / "a\0b", "cannot be read: "),
        "bytes": (tmp_path / os.fsdecode(b"\xff.tflite"), "No such file"),
        "surrogate": (tmp_path / "\ud800.tflite", "cannot be read: "),
        "long": (tmp_path / ("x" * 5000), "cannot be read: "),
        "huge": (tmp_path / "huge.tflite", f"reads models of at most {MAX_FILE_BYTES:,}"),
    }


@pytest.mark.parametrize(
    "case",
    [
        *("missing", "folder", "saved model", "pipe", "device", "loop"),
        *("nul", "bytes", "surrogate", "long", "huge"),
    ],
)
def test_unreadable_files(case: str, tmp_path: Path) -> None:
    path, sentence = unreadable(tmp_path)[case]
    with pytest.raises(ModelError) as caught:
        load_model(path)
    assert sentence in caught.value.what
    str(caught.value).encode()


def test_unreadable_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "small.tflite"
    path.write_bytes(write(small_model()))

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(ModelError, match=r"The model cannot be read: Permission denied\."):
        load_model(path)
