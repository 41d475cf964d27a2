"""Element types as a key: what operators are defined for, and which kernels may be chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fwgen.board import load_board
from fwgen.contract.kernel import Kernel
from fwgen.contract.node import Node
from fwgen.contract.operator import Operator
from fwgen.errors import ModelError
from fwgen.kernels import kernels_of
from fwgen.kernels.providers import able, providers_of, usable
from fwgen.model.element import Element, agree
from fwgen.model.graph import Graph, Tensor
from fwgen.model.reader import read_model
from fwgen.ops import operators
from tests.conftest import ROOT, Fwgen
from tests.ops.drawn import CODES, UNFED, drawn, op_graph, tflm_outputs, types_of
from tests.tflite_models import OPERATORS, ModelBuilder, random_op_model
from tests.tflite_models.cases import Run, cases_of
from tests.tflite_models.draw import float32
from tests.tflite_models.tflm import load

SUMS = ("ADD", "SUB")

ASKED = 2
"""Models of each type of which TFLM is asked."""


@pytest.mark.parametrize("code", SUMS)
def test_no_kernel_of_other_types_is_chosen_for_int16(code: str) -> None:
    for seed in range(40):
        graph = load(random_op_model(code, np.random.default_rng(seed), "int16"))
        for board in ("corstone-300", "mps2-an386", "host"):
            features = load_board(board).cpu.features
            for kernel_choice in ("auto", "fwgen", "cmsis-nn", "reference"):
                providers = providers_of(kernel_choice, cmsis_nn=True)
                found = usable(Node(graph, graph.ops[0]), features, providers)
                names = [v.name for v in found]
                assert f"{code.lower()}_s16" in names and all("_s16" in name for name in names)


def rows() -> Iterator[tuple[Operator, Kernel]]:
    for operator in operators().values():
        for variant in kernels_of(operator.name):
            yield operator, variant


def test_every_type_of_an_operator_has_a_reference_kernel() -> None:
    for operator in operators().values():
        for types in operator.types:
            found = [row for row in operator.reference for one in row.types if agree(one, types)]
            assert found, (operator.name, types)


def test_every_kernel_has_types_of_its_operator() -> None:
    for operator, variant in rows():
        found = [
            types for types in variant.types for wanted in operator.types if agree(wanted, types)
        ]
        assert found, (operator.name, variant.name)


def with_elements(graph: Graph, old: Element, new: Element) -> Graph:
    """The graph with another element type in place of one."""
    tensors = (replace(t, dtype=new) if t.dtype is old else t for t in graph.tensors)
    return replace(graph, tensors=tuple(tensors))


@pytest.mark.parametrize("code", OPERATORS)
@pytest.mark.parametrize(
    "features", [{"mve", "dsp", "fpu"}, {"dsp"}, set()], ids=["mve", "dsp", "plain"]
)
def test_kernels_are_filtered_by_types(code: str, features: set[str]) -> None:
    """An op whose tensors become uint16 is nobody's, unless its kernels move bytes."""
    graph = op_graph(random_op_model(code, np.random.default_rng(5)))
    assert able(Node(graph, graph.ops[0]), frozenset(features))
    drawn = graph.input(graph.ops[0], cases_of(code).place).dtype
    other = with_elements(graph, drawn, Element.U16)
    left = able(Node(other, other.ops[0]), frozenset(features))
    assert all(v.name.startswith(("strided_copy", "copy")) for v in left)


def asked_types(code: str) -> Iterator[tuple[str, list[Run]]]:
    """Element types that the operator does not state, and models that have them at its place."""
    known = {*types_of(code), *(types[cases_of(code).place] for types in operators()[code].misread)}
    for element in Element:
        unstated = element.word in cases_of(code).unstated
        assert not (unstated and element.word in types_of(code)), "it is stated by now"
        if unstated or element.word in UNFED or {element, element.word} & known:
            continue
        runs = []
        for seed in range(ASKED):
            # cases may know no such type
            with suppress(KeyError, ZeroDivisionError), np.errstate(all="ignore"):
                runs += drawn(code, element.word, [seed])
        yield element.word, runs


@pytest.mark.parametrize("code", CODES)
def test_what_tflm_takes_is_taken_or_refused_with_a_reason(code: str) -> None:
    """Of types that the operator neither states nor says to be misread, TFLM computes nothing."""
    for word, runs in asked_types(code):
        place = cases_of(code).place
        runs = [run for run in runs if operand_of(run[0], place).dtype.word == word]
        assert all(found is None for found in tflm_outputs(runs)), word


def operand_of(model: bytes, place: int) -> Tensor:
    """An input of the one op of a model."""
    graph = read_model(model, "m")
    return graph.input(graph.ops[0], place)


def one_op(code: str, *tensors: str) -> bytes:
    m = ModelBuilder()
    *inputs, y = (m.tensor((4,), dtype, scale=0.1) for dtype in tensors)
    m.op(code, inputs, [y])
    return m.build()


@pytest.mark.parametrize(
    ("code", "tensors", "sentence", "help_"),
    [
        (
            "ADD",
            ("uint8", "uint8", "uint8"),
            "ADD supports int8 or int16 or .* here, but tensor 0 is u",
            "inference_input_type",
        ),
        (
            "ADD",
            ("int16", "int8", "int16"),
            "ADD supports int16 here, but tensor 1 is int8",
            "ADD takes: int16 throughout",
        ),
        (
            "SUB",
            ("int8", "int8", "int16"),
            "SUB supports int8 here, but tensor 2 is int16",
            "SUB takes: int8 throughout",
        ),
        (
            "MUL",
            ("int64", "int64", "int64"),
            "MUL supports .* here, but tensor 0 is int64",
            "tf.int32 in place of tf.int64",
        ),
        (
            "QUANTIZE",
            ("int16", "uint8"),
            "QUANTIZE supports .* here, but tensor 1 is uint8",
            "QUANTIZE takes: int8 to uint8; int16 to int8",
        ),
    ],
)
def test_other_types_are_refused(
    code: str, tensors: tuple[str, ...], sentence: str, help_: str
) -> None:
    """With what helps: the conversion, or the lists of types that are nearest."""
    with pytest.raises(ModelError, match=sentence) as raised:
        load(one_op(code, *tensors))
    assert help_ in raised.value.tries[0]


def test_a_scale_of_0_is_for_weights_alone() -> None:
    m = ModelBuilder()
    x, y = (m.tensor((4,), scale=0.1) for _ in range(2))
    m.op("ADD", [x, m.tensor((4,), scale=0.0, data=[0, 0, 0, 0])], [y])
    with pytest.raises(ModelError, match="Tensor 2 has a scale of 0, which ADD does not take"):
        load(m.build())


@pytest.mark.parametrize("place", [0, 1, 2])
def test_zero_points_of_int16_must_be_0_where_tflm_refuses_others(place: int) -> None:
    m = ModelBuilder()
    zero_points = [int(i == place) for i in range(3)]
    a, b, y = (m.tensor((4,), "int16", scale=0.1, zero_point=z) for z in zero_points)
    m.op("MUL", [a, b], [y])
    with pytest.raises(ModelError, match=f"Tensor {place} is int16 with a zero point other than 0"):
        load(m.build())


def residual() -> bytes:
    """An int16 model of several ops, with a constant, a broadcast, and both widths of sums."""
    m = ModelBuilder()
    rng = np.random.default_rng(1)
    x = m.tensor((1, 6, 5, 8), "int16", scale=2**-9)
    row = m.tensor(
        (1, 1, 1, 8), "int16", scale=2**-10, data=rng.integers(-9999, 9999, (1, 1, 1, 8))
    )
    scales = rng.uniform(2**-10, 2**-8, 4)
    a, b, c, y = (m.tensor(x.shape, "int16", scale=float32(s)) for s in scales)
    m.op("ADD", [x, row], [a])
    m.op("SUB", [a, x], [b], fused_activation_function="RELU")
    m.op("ADD", [b, b], [c], fused_activation_function="RELU6")
    m.op("SUB", [row, c], [y])
    for code, shape, kind in (
        ("CONV_2D", (6, 3, 3, 8), "int64"),
        ("DEPTHWISE_CONV_2D", (1, 3, 3, 6), "int64"),
        ("FULLY_CONNECTED", (4, 6), "int32"),
    ):
        channels = 6 if len(shape) == 4 else 4
        w = m.tensor(shape, scale=0.01, data=rng.integers(-127, 128, shape))
        values = rng.integers(-30_000, 30_000, channels)
        bias = m.tensor((channels,), kind, scale=float32(y.scale * w.scale), data=values)
        sums = m.tensor((*y.shape[:-1], channels), "int16", scale=float32(y.scale * 4))
        strides = {"stride_h": 1, "stride_w": 1} if len(shape) == 4 else {"keep_num_dims": True}
        more = {"depth_multiplier": 1} if code[0] == "D" else {}
        m.op(code, [y, w, bias], [sums], **strides, **more)
        y = sums
    return m.build()


@pytest.mark.parametrize("board", ["corstone-300", "mps2-an386", "host"])
def test_an_int16_model_is_exact_on_boards(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    model, out, result = tmp_path / "residual.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(residual())
    options = ("--sanitize",) if board == "host" else ("--canaries",)
    done = fwgen("build", model, "-b", board, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 3, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 0
    kernels_used = {path.stem for path in (out / "kernels").glob("*.c")}
    plain = {"add_s16", "sub_s16", "conv_2d_s16", "depthwise_conv_2d_s16"}
    if board == "corstone-300":  # which has vectors
        assert all("s16" in name for name in kernels_used) and not kernels_used & plain
    elif board == "mps2-an386":  # whose products are in pairs
        assert all("s16" in name for name in kernels_used)
        assert kernels_used & plain == {"add_s16", "sub_s16"}
    else:
        assert kernels_used == plain | {"fully_connected_s16_s32"}
    source = (out / "src" / "model.c").read_text()
    assert "static int16_t *const t" in source and ".type = FW_INT16" in source


def test_the_readme_has_the_operators_of_each_type() -> None:
    """Its table has a row for each list of operators: all that take an input 0 of some types."""
    expected = {
        element.word: ", ".join(
            operator.name
            for operator in operators().values()
            if operator.of_files and any(types[0] is element for types in operator.types)
        )
        for element in Element
    }
    text = (ROOT / "README.md").read_text().partition("## Operators")[2].partition("## Boards")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert {word: names for words, names in rows[1:] for word in words.split(", ")} == expected


def test_the_table_has_limits_accumulators_and_rescalers() -> None:
    """Against NumPy's limits, and TFLM's biases: int32 for int8, int64 for int16."""
    for element in Element:
        if element.is_integer:
            info = np.iinfo(element.word)
            assert element.limits == (info.min, info.max)
        assert element.numpy.itemsize == element.bytes and Element.of(element.numpy) is element
    assert Element.S8.values.tolist() == [*range(-128, 128)]
    assert Element.S8.clamped(np.array([-200, 3, 128])).tolist() == [-128, 3, 127]
    assert (Element.S8.accumulator, Element.S16.accumulator) == (Element.S32, Element.S64)
    halves = Element.S32.rescale(np.array([-3, 3, 5]), 1 << 30, 0)
    assert halves.tolist() == [-1, 2, 3]  # multiplied by 1/2; halves are rounded up
    sums = np.array([-3, 3, 1 << 40, -(1 << 46)])
    # by 1/2 with halves up, wrapped at 32 bits; nearly 1 is 0x7FFF / 2**15
    assert Element.S64.rescale(sums, 1 << 30, 0).tolist() == [-1, 2, 0, 0]
    assert Element.S64.rescale(sums, (1 << 31) - 1, -20).tolist()[2:] == [1048544, -67106816]
