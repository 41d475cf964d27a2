"""The interface of a model: tensors that are listed twice, inputs that are outputs, names."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fwgen.project.c_text import constant_names
from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder


def listed_twice() -> bytes:
    """An input twice, outputs several times, and both inputs as outputs, one of which an op could
    overwrite."""
    m = ModelBuilder()
    x = m.tensor((1, 24), scale=0.1, zero_point=-3, name="left")
    z = m.tensor((1, 24), scale=0.2, name="right")
    a, b, c = (m.tensor((1, 24), scale=s, zero_point=-3) for s in (0.1, 1 / 256, 0.2))
    m.requantize(b, 1 / 256, -128)
    m.op("RELU", [x], [a])
    m.op("LOGISTIC", [a], [b])
    m.op("ADD", [a, z], [c])
    return m.build(inputs=[x, z, x], outputs=[a, b, x, a, c, b, z])


@pytest.mark.parametrize(
    ("board", "options"),
    [
        ("host", ("--sanitize",)),
        ("corstone-300", ("--canaries",)),
        ("corstone-300", ("--npu", "ethos-u55-128")),
    ],
)
def test_tensors_that_are_listed_twice(
    fwgen: Fwgen, tmp_path: Path, board: str, options: tuple[str, ...]
) -> None:
    """What is given last counts, as in TFLM; outputs are given as often as they are listed."""
    model, out, result = tmp_path / "m.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(listed_twice())
    done = fwgen("build", model, "-b", board, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 5, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_text())
    assert verdict["bytes"] == 5 * 7 * 24 and verdict["constant_outputs"] == []


@pytest.mark.parametrize("board", ["host", "mps2-an386"])
def test_inputs_are_all_outputs(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    """A converter leaves no op of a slice that takes everything."""
    model, out, result = tmp_path / "m.tflite", tmp_path / "o", tmp_path / "v.json"
    m = ModelBuilder()
    x, z = m.tensor((1, 7), scale=0.1), m.tensor((2, 3), "int16", scale=0.1)
    model.write_bytes(m.build(inputs=[x, z], outputs=[z, x]))
    done = fwgen("build", model, "-b", board, "-o", out)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 2, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(result.read_text())["bytes"] == 2 * (7 + 12)


def test_names_as_those_of_constants() -> None:
    """In capitals, once each, without what TensorFlow puts around them."""
    names = [
        "serving_default_flow:0",
        "flow",
        "a.b/c:1",
        "",
        "??",
        "7up",
        "é x",
        "Flow",
        "_",
        "a__b",
    ]
    found = constant_names(names)
    assert found == ["FLOW", "FLOW_1", "A_B_C", "", "", "7UP", "X", "FLOW_2", "", "A_B"]


def hostile() -> bytes:
    m = ModelBuilder()
    names = ("BYTES", "*/ int x; /*", "0_BYTES", "a\\\nb")
    inputs = [m.tensor((1, 4), scale=0.1, name=name) for name in names]
    outputs = [m.tensor((1, 4), scale=0.1, name="INDEX") for _ in inputs]
    for x, y in zip(inputs, outputs, strict=True):
        m.op("RELU", [x], [y])
    return m.build()


def test_numbers_of_inputs_and_outputs_by_name(fwgen: Fwgen, tmp_path: Path) -> None:
    model, out, result = tmp_path / "m.tflite", tmp_path / "o", tmp_path / "b.json"
    model.write_bytes(hostile())
    done = fwgen("build", model, "-b", "host", "-o", out, "--no-compile", "--json", result)
    assert done.returncode == 0, done.stderr
    interface = json.loads(result.read_text())["interface"]
    assert [each["name"] for each in interface["inputs"]][:2] == ["BYTES", "*/ int x; /*"]
    assert {each["dtype"] for each in interface["outputs"]} == {"int8"}
    header = (out / "src" / "fw_model.h").read_text()
    found = [line.split()[1:] for line in header.splitlines() if "_INDEX_" in line]
    ends = ["INPUT_INDEX_BYTES", "INPUT_INDEX_INT_X", "INPUT_INDEX_0_BYTES", "INPUT_INDEX_A_NB"]
    ends += ["OUTPUT_INDEX_INDEX", *(f"OUTPUT_INDEX_INDEX_{n}" for n in (1, 2, 3))]
    assert found == [[f"FW_MODEL_{end}", f"{n % 4}u"] for n, end in enumerate(ends)]
    use = tmp_path / "use.cc"
    use.write_text('#include "fw_model.h"\nint n[] = {FW_MODEL_OUTPUT_INDEX_INDEX_3};\n')
    include = [f"-I{out / folder}" for folder in ("src", "runtime")]
    command = ["g++", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", *include, str(use)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def computed_weights() -> bytes:
    """Weights, and a bias, that other ops compute; a convolution before whose image is padded."""
    m, rng = ModelBuilder(), np.random.default_rng(2)
    x = m.tensor((1, 8, 8, 4), scale=0.05, zero_point=-7, name="image")
    taps = m.tensor((4, 3, 3, 4), scale=0.02, name="taps")
    sides = m.tensor((4, 2), "int32", data=[[0, 0], [1, 1], [1, 1], [0, 0]])
    wide = {"stride_h": 1, "stride_w": 1}
    padded = m.tensor((1, 10, 10, 4), scale=0.05, zero_point=-7)
    m.op("PAD", [x, sides], [padded])
    positive, a = m.tensor(taps.shape, scale=0.02), m.tensor(x.shape, scale=0.3, zero_point=2)
    m.op("RELU", [taps], [positive])
    m.op("CONV_2D", [padded, positive], [a], padding="VALID", **wide)
    filters = m.tensor((1, 8, 8, 4), scale=0.05)
    m.op("QUANTIZE", [x], [filters])
    b = m.tensor((1, 1, 1, 4), scale=2.0)
    m.op("DEPTHWISE_CONV_2D", [a, filters], [b], padding="VALID", depth_multiplier=1, **wide)
    rows, y = m.tensor((64, 4), scale=0.3, zero_point=2), m.tensor((1, 64), scale=40.0)
    m.op("RESHAPE", [a, m.tensor((2,), "int32", data=[64, 4])], [rows], new_shape=[64, 4])
    weights = m.tensor((1, 4), scale=2.0)
    m.op("RESHAPE", [b, m.tensor((2,), "int32", data=[1, 4])], [weights], new_shape=[1, 4])
    constant = m.tensor((1, 4), scale=0.1, zero_point=9, data=rng.integers(-99, 99, (1, 4)))
    m.op("FULLY_CONNECTED", [weights, rows], [y])
    m.op("FULLY_CONNECTED", [rows, constant], [m.tensor((64, 1), scale=4.0)])
    return m.build()


@pytest.mark.parametrize(
    ("board", "options"),
    [("host", ("--sanitize",)), ("corstone-300", ()), ("mps2-an386", ("--strict",))],
)
def test_weights_that_other_ops_compute(
    fwgen: Fwgen, tmp_path: Path, board: str, options: tuple[str, ...]
) -> None:
    model, out, result = tmp_path / "m.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(computed_weights())
    done = fwgen("build", model, "-b", board, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 4, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(result.read_text())["constant_outputs"] == []
