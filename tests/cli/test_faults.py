"""What is wrong with a model: all of it at once, and what to do; what a model calls its parts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.cli import main
from fwgen.errors import Fault, ModelError
from fwgen.model.formats import describe
from fwgen.model.reader import read_model
from fwgen.model.schema import Model, SignatureDef, SubGraph
from fwgen.model.schema import TensorField as Schema
from fwgen.ops import resolve
from tests.tflite_models import ModelBuilder
from tests.tflite_models.huge import quantized
from tests.tflite_models.small import Number, Numbers, small_model, write

SHAPE = (1, 4, 4, 2)


def faulty() -> bytes:
    """Two operators that no core has, one that has too many inputs, one of two scales."""
    m = ModelBuilder()
    t = quantized(m, SHAPE)
    for code in ("UNIQUE", "UNIQUE", "MAX_POOL_2D", "WHERE"):
        y = quantized(m, SHAPE, 0.5 if code != "MAX_POOL_2D" else 0.25)
        options = dict.fromkeys(("filter_height", "filter_width", "stride_h", "stride_w"), 1)
        m.op(code, [t], [y], **(options if "POOL" in code else {}))
        t = y
    y = quantized(m, (1, 4, 4, 22))
    m.op("CONCATENATION", [t] * 11, [y], axis=3)
    return m.build()


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ModelError) as raised:
        resolve(read_model(faulty(), "faulty", "models/faulty.tflite"))
    error = raised.value
    assert "UNIQUE (2x), WHERE (1x)" in error.what and error.at == "models/faulty.tflite"
    assert [fault.op for fault in error.faults] == [0, 1, 2, 3, 4]
    assert "same scale" in error.faults[2].what
    assert "takes at most 10 inputs" in error.faults[4].what and "op 4 CONCAT" in str(error)
    assert all(fault.at.startswith("models/faulty.tflite: op") for fault in error.faults)


def test_one_fault_is_told_as_it_is() -> None:
    m = ModelBuilder()
    x = quantized(m, SHAPE)
    m.op("CONCATENATION", [x] * 19, [quantized(m, (1, 4, 4, 38))], axis=3)
    with pytest.raises(ModelError) as raised:
        resolve(read_model(m.build(), "m"))
    assert raised.value.what.startswith("CONCATENATION takes at most 10 inputs")
    assert "and:" not in str(raised.value)


def test_an_op_is_named_once_for_all_of_its_tensors() -> None:
    faults = tuple(Fault(0, "LSTM", "A tensor keeps a value.", "m: op 0") for _ in range(2))
    assert "and:" not in str(ModelError("A tensor keeps a value.", faults=faults))
    others = (*faults, Fault(3, "LSTM", "A tensor keeps a value.", "m: op 3"))
    assert "and: ops 0, 3 LSTM" in str(ModelError("Two faults.", faults=others))


def test_inspect_shows_the_ops_of_what_cannot_be_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, result = tmp_path / "faulty.tflite", tmp_path / "r.json"
    model.write_bytes(faulty())
    assert main(["inspect", str(model), "--json", str(result)]) == 3
    said = capsys.readouterr()
    assert "CONCATENATION" in said.out
    assert "fwgen has no UNIQUE for the core, nor has TFLM" in said.out
    assert f"at:  {model}" in said.err
    data = json.loads(result.read_text())
    assert len(data["ops"]) == len(data["error"]["faults"]) == 5 and data["error"]["exit_code"] == 3
    assert data["ops"][0]["inputs"][0]["shape"] == list(SHAPE)


def test_inspect_says_what_an_npu_can_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ethosu")
    m = ModelBuilder()
    x, y = (m.tensor((1, 4, 4, 8), "int16", scale=0.001) for _ in range(2))
    m.op("EXP", [x], [y])
    model = tmp_path / "m.tflite"
    model.write_bytes(m.build())
    assert main(["inspect", str(model)]) == 0
    assert "not on the core; --npu can" in capsys.readouterr().out


def test_a_build_warns_where_tflm_cannot_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """TFLM has EXP for floats only: the NPU does it, verify says that it cannot judge."""
    pytest.importorskip("ethosu")
    m = ModelBuilder()
    m.op("EXP", [quantized(m, SHAPE)], [quantized(m, SHAPE)])
    model, project = tmp_path / "m.tflite", tmp_path / "p"
    model.write_bytes(m.build())
    npu = ("-b", "corstone-300", "--npu", "ethos-u55-128")
    assert main(["build", str(model), *npu, "-q", "-o", str(project)]) == 0
    said = capsys.readouterr()
    assert "warning: `fwgen verify` cannot compare this build with TFLM" in said.err
    assert said.out.count("not proven: EXP (op 0)") == 1
    assert main(["verify", str(project), "-q", "--inputs", "1"]) == 3
    assert "TFLM refused to load the model" in capsys.readouterr().err


def two_inputs() -> bytes:
    m = ModelBuilder()
    a = m.tensor((1, 6), scale=0.1, name='flow "\\ ??/')
    b = m.tensor((1, 6), scale=0.1, name="pressure")
    m.op("SUB", [a, b], [m.tensor((1, 6), scale=0.2, name="drop")])
    return m.build()


def test_names_of_inputs_and_outputs_are_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, project = tmp_path / "m.tflite", tmp_path / "p"
    model.write_bytes(two_inputs())
    assert main(["inspect", str(model), "--json", str(tmp_path / "i.json")]) == 0
    inspected = json.loads((tmp_path / "i.json").read_text())
    assert [i["name"] for i in inspected["inputs"]][1] == "pressure"
    assert "'pressure'" in capsys.readouterr().out
    assert main(["build", str(model), "-b", "host", "-q", "-o", str(project)]) == 0
    assert "`pressure`" in (project / "README.md").read_text()
    source = (project / "src" / "model.c").read_text()
    assert '.name = "pressure"' in source and r'.name = "flow \"\\\\ \?\?/"' in source
    capsys.readouterr()
    assert main(["run", str(project), "--json", str(tmp_path / "r.json")]) == 0
    assert "output 0 'drop'" in capsys.readouterr().out
    assert json.loads((tmp_path / "r.json").read_text())["outputs"][0]["name"] == "drop"


WRONG = {
    "lfs.tflite": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "model.cc": (b"// model\nalignas(16) const unsigned char g_model[] = {0x1c,", "from which"),
    "array.h": (b"/* Copyright */\n#include <stdint.h>\nextern const int n;\n", "from which"),
    "plain.c": (b"const uint8_t model_data[3] __attribute__((aligned)) = {1,", "from which"),
    "m.onnx": (b"\x08\x07\x12\x07pytorch\x1a\x05", "onnx2tf"),
    "m.h5": (b"\x89HDF\r\n\x1a\n", "from_keras_model"),
    "m.keras": (b"PK\x03\x04....metadata.jsonconfig.json", "from_keras_model"),
    "m.pt": (b"PK\x03\x04....archive/data.pkl", "PyTorch"),
    "m.zip": (b"PK\x03\x04....model.tflite", "unpack it"),
    "m.pb": (b"\x08\x01\x12\x10", "from_saved_model"),
    "m.gz": (gzip.compress(b"model"), "unpack it"),
    "m.elf": (b"\x7fELF\x01", "built from"),
    "m.json": (b'{"subgraphs": []}', "flatc"),
    "m.html": (b"\n<!DOCTYPE html>", "download"),
    "empty": (b"", "again"),
    "noise": (bytes(range(200, 240)), "TFLiteConverter"),
}


@pytest.mark.parametrize("name", WRONG)
def test_other_files_are_recognised(name: str) -> None:
    data, cure = WRONG[name]
    what, tries = describe(data)
    assert what.startswith("it ") and any(cure in each for each in tries)
    if "TFLiteConverter" not in cure:
        assert not any("convert the model with" in each for each in tries)


def with_signature(*sizes: int) -> bytes:
    """A model whose input may have other sizes than (1, 4, 4, 1), and people's names."""
    tree = small_model()
    graph = tree[Model.SUBGRAPHS][0]
    if sizes:
        graph[SubGraph.TENSORS][0][Schema.SHAPE_SIGNATURE] = Numbers("i", sizes)
    given, made = ([{0: name, 1: Number("I", t)}] for name, t in ((b"photo", 0), (b"cat", 4)))
    tree[Model.SIGNATURE_DEFS] = [{SignatureDef.INPUTS: given, SignatureDef.OUTPUTS: made}]
    return write(tree)


@pytest.mark.parametrize(
    ("sizes", "warned"), [((-1, 4, 4, -1), True), ((-1, 4, 4, 1), True), ((), False)]
)
def test_sizes_left_open_are_warned_of(
    sizes: tuple[int, ...], warned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, result = tmp_path / "m.tflite", tmp_path / "r.json"
    model.write_bytes(with_signature(*sizes))
    command = ["build", str(model), "-b", "host", "--no-compile", "-q", "-o", str(tmp_path / "p")]
    assert main([*command, "--json", str(result)]) == 0
    said = capsys.readouterr().err
    assert ("warning: input 0 'photo'" in said) is warned
    assert bool(json.loads(result.read_text())["warnings"]) is warned
    assert main(["inspect", str(model)]) == 0
    shown = capsys.readouterr().out
    assert "'photo'" in shown and "'cat'" in shown
    assert ("warning: input 0" in shown) is warned
    assert ("any batch size (anyx4x4x1)" in shown) is (sizes == (-1, 4, 4, 1))


def weighted(activations: str, weights: str) -> bytes:
    """A FULLY_CONNECTED behind an op on int8, of other types than those."""
    m = ModelBuilder()
    given = m.tensor((1, 4), scale=0.1)
    m.op("RELU", [given], [m.tensor((1, 4), scale=0.1)])
    scale = None if activations == "float32" else 0.1
    x, y = (m.tensor((1, size), activations, scale=scale) for size in (4, 3))
    scale = 0.1 if weights in ("int8", "uint8") else None
    w = m.tensor((3, 4), weights, scale=scale, data=np.ones((3, 4)))
    m.op("FULLY_CONNECTED", [x, w], [y])
    return m.build()


@pytest.mark.parametrize(
    ("activations", "weights", "cure"),
    [
        ("uint8", "uint8", "begin with the float model"),
        ("float32", "int8", "quantize activations, too"),
        ("float32", "float16", "weights of float16"),
    ],
)
def test_other_schemes_of_quantization_have_their_cure(
    activations: str, weights: str, cure: str
) -> None:
    with pytest.raises(ModelError) as refused:
        resolve(read_model(weighted(activations, weights), "m"))
    assert cure in refused.value.tries[0] and "TFLITE_BUILTINS_INT8" in refused.value.tries[1]
    assert refused.value.at == "m: op 1 FULLY_CONNECTED"
