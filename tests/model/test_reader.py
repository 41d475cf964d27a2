"""The .tflite reader: what it reads, and what it says of files that it refuses."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tflite

from fwgen.contract.operator import Fields
from fwgen.errors import ModelError
from fwgen.model import schema
from fwgen.model.check import check
from fwgen.model.element import Element
from fwgen.model.flatbuffer import FlatbufferTable
from fwgen.model.reader import load_model, read_model
from fwgen.model.schema import (
    BufferField,
    Model,
    OperatorCode,
    OperatorField,
    QuantizationParameters,
    SubGraph,
    TensorField,
)
from tests.model.graph_oracle import assert_as_tflite_reads, assert_sound
from tests.tflite_models import ModelBuilder
from tests.tflite_models.builder import OPTIONS
from tests.tflite_models.small import (
    Number,
    Numbers,
    a_buffer,
    a_quant,
    a_tensor,
    an_op,
    numbers,
    operator_code,
    read,
    refused,
    small_model,
    whole,
    write,
)

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "models").glob("*.tflite")) + sorted(
    (ROOT.parent / "shared" / "models").glob("*.tflite")
)


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
    assert [tensor.dtype for tensor in graph.tensors[1:3]] == [Element.S8, Element.S32]
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
    a_tensor(2)(tree).update({TensorField.SHAPE: numbers("i")})
    a_buffer(2)(tree).update({BufferField.DATA: (7).to_bytes(4, "little")})
    del a_tensor(2)(tree)[TensorField.QUANTIZATION]
    del a_tensor(0)(tree)[TensorField.NAME]
    graph = read(tree)
    assert graph.tensors[2].shape == () and graph.tensors[2].constant == 7
    assert graph.tensors[2].quant is None
    assert graph.tensors[0].name == ""


def test_quantization_with_a_range_only_counts_as_absent() -> None:
    tree = small_model()
    a_tensor(2)(tree)[TensorField.QUANTIZATION] = {0: numbers("f", -1.0), 1: numbers("f", 1.0)}
    assert read(tree).tensors[2].quant is None


def test_absent_optional_input() -> None:
    tree = small_model()
    an_op(0)(tree)[OperatorField.INPUTS] = numbers("i", 0, 1, -1)
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
    a_buffer(1)(tree).update({BufferField.OFFSET: Number("Q", 0), BufferField.SIZE: Number("Q", 0)})
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
    an_op(0)(tree)[OperatorField.BUILTIN_OPTIONS] = {
        0: Number("b", -5),
        1: Number("i", -70000),
        2: Number("B", 200),
        3: Number("f", 0.5),
        4: Number("B", 1),
        5: numbers("i", 3, -4),
    }
    table = read(tree).ops[0].options
    assert isinstance(table, FlatbufferTable)
    fields: Fields = table
    assert (fields.i8(0), fields.i32(1), fields.u8(2)) == (-5, -70000, 200)
    assert (fields.f32(3), fields.flag(4), fields.i32_vector(5)) == (0.5, True, (3, -4))
    assert (fields.i8(6, 9), fields.i32(99, 8), fields.f32(6, 1.5)) == (9, 8, 1.5)
    assert fields.flag(6, True) and not fields.flag(6) and fields.i32_vector(6) == ()


def test_options_field_outside_its_table() -> None:
    fields = read(small_model()).ops[1].options
    assert isinstance(fields, FlatbufferTable)
    with pytest.raises(ModelError, match="8 bytes at 4 is outside its table of 8") as caught:
        fields.u64(0)
    assert "operators[1].builtin_options.field 0, byte" in caught.value.at


def test_no_options() -> None:
    tree = small_model()
    an_op(0)(tree)[OperatorField.BUILTIN_OPTIONS_TYPE] = Number("B", 0)
    del an_op(1)(tree)[OperatorField.BUILTIN_OPTIONS]
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
    a_tensor(0)(tree)[TensorField.NAME] = name
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
    "op code": (
        an_op(0),
        OperatorField.OPCODE_INDEX,
        Number("I", 2),
        "Operator code 2 is not among",
    ),
    "custom options": (
        an_op(0),
        OperatorField.CUSTOM_OPTIONS,
        numbers("b"),
        "custom options, with which TFLM takes no builtin",
    ),
    "options type": (an_op(0), OperatorField.BUILTIN_OPTIONS_TYPE, Number("B", 9), "Conv2DOptions"),
    "zero dimension": (
        a_tensor(0),
        TensorField.SHAPE,
        numbers("i", 1, 0, 4, 1),
        "must be 1 or more",
    ),
    "open dimension": (
        a_tensor(0),
        TensorField.SHAPE,
        numbers("i", -1, 4, 4, 1),
        "must be 1 or more",
    ),
    "two negatives": (a_tensor(1), TensorField.SHAPE, numbers("i", -2, -9), "must be 1 or more"),
    "rank": (a_tensor(0), TensorField.SHAPE, Numbers("i", (1,) * 9), "9 dimensions"),
    "2 GiB": (
        a_tensor(0),
        TensorField.SHAPE,
        numbers("i", 2**16, 2**15),
        "needs 2,147,483,648 bytes",
    ),
    "2^63": (
        a_tensor(0),
        TensorField.SHAPE,
        Numbers("i", (2**21,) * 3),
        "9,223,372,036,854,775,808",
    ),
    "data size": (
        a_tensor(1),
        TensorField.SHAPE,
        numbers("i", 2, 3, 3, 2),
        "has 18 bytes, but shape",
    ),
    "data type": (a_tensor(2), TensorField.TYPE, Number("b", 4), "int64 needs 16"),
    "buffer index": (a_tensor(0), TensorField.BUFFER, Number("I", 3), "Buffer 3 is not among"),
    "buffer 0": (a_buffer(0), BufferField.DATA, bytes(16), "Buffer 0 holds data"),
    "large model": (a_buffer(1), BufferField.OFFSET, Number("Q", 2**40), "outside the flatbuffer"),
    "external": (a_tensor(1), TensorField.EXTERNAL_BUFFER, Number("I", 1), "in another file"),
    "variable": (
        a_tensor(3),
        TensorField.IS_VARIABLE,
        Number("B", 1),
        "from one inference to the next",
    ),
    "sparse": (a_tensor(1), TensorField.SPARSITY, {}, "is stored sparsely"),
    "int4": (a_tensor(1), TensorField.TYPE, Number("b", 17), "int4 needs"),
    "int4 input": (a_tensor(0), TensorField.TYPE, Number("b", 17), "int4, which fwgen supports in"),
    "string": (a_tensor(1), TensorField.TYPE, Number("b", 5), "elements are STRING, which"),
    "resource": (a_tensor(1), TensorField.TYPE, Number("b", 13), "elements are RESOURCE, which"),
    "variant": (a_tensor(1), TensorField.TYPE, Number("b", 14), "elements are VARIANT, which"),
    "type": (a_tensor(1), TensorField.TYPE, Number("b", 23), "type 23 is unknown"),
    "negative type": (a_tensor(1), TensorField.TYPE, Number("b", -1), "type -1 is unknown"),
    "custom quant": (a_quant(1), QuantizationParameters.DETAILS_TYPE, Number("B", 1), "custom"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    where, slot, value, sentence = REFUSED[case]
    tree = small_model()
    where(tree)[slot] = value
    error = refused(write(tree))
    assert sentence in error.what


def patch(at: Callable[[bytes], int], format: str, value: int) -> bytes:
    data = write(small_model())
    spoiled = bytearray(data)
    struct.pack_into(format, spoiled, at(data), value)
    return bytes(spoiled)


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
    a_tensor(3)(tree)[TensorField.SPARSITY] = {}
    assert refused(write(tree)).at == 'small: tensor 3 "sum" of op 0 CONV_2D'


def test_a_tensor_that_no_op_has_does_not_matter() -> None:
    """Converters leave such of no elements for what an LSTM has inside."""
    m = ModelBuilder()
    x, y = m.tensor((1, 4), scale=0.1), m.tensor((1, 4), scale=0.1)
    m.tensor((0,), scale=0.1)
    m.op("RELU", [x], [y])
    assert read_model(m.build([x]), "m").outputs == (1,)


def test_vectors_that_are_absent() -> None:
    tree = small_model()
    del tree[Model.BUFFERS]
    assert refused(write(tree)).what == "Buffer 0 is not among the model's 0."


def test_eight_bytes_with_the_right_identifier() -> None:
    error = refused(bytes.fromhex("1800000054464c33"))
    assert error.what == "The file is damaged: 4 bytes at 24 are outside the file."
    assert error.at == "small: model, byte 24 of 8"
