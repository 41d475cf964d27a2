"""Projects of models that passes changed: they compute the same, and say which ops are whose."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder
from tests.tflite_models.pass_models import pass_model

KEPT = [(3, "CONV_2D"), (5, "DEPTHWISE_CONV_2D"), (7, "LOOKUP"), (8, "CONV_2D")]
"""The ops that are left of ``shortened``, by their numbers in the model."""


def shortened() -> bytes:
    """Op 0 is unused, 1 is folded, 2 and 4 join 3, 6 joins 7; channel 0 of 3 to 7 is dead."""
    m = ModelBuilder()
    rng = np.random.default_rng(1)
    x = m.tensor((1, 5, 5, 2), scale=0.1, zero_point=3)
    unused = m.tensor(x.shape, scale=0.1, zero_point=3)
    m.op("RELU", [x], [unused])

    flat = rng.integers(-99, 100, (3, 4))
    flat[:, 0] = 0
    w = m.tensor((3, 1, 1, 4), scale=0.01)
    m.op("RESHAPE", [m.tensor((3, 4), scale=0.01, data=flat)], [w], new_shape=[3, 1, 1, 4])

    padded = m.tensor((1, 7, 8, 2), scale=0.1, zero_point=3)
    m.op("PAD", [x, m.tensor((4, 2), "int32", data=[0, 0, 1, 1, 1, 2, 0, 0])], [padded])
    first = m.tensor((4, 3, 3, 2), scale=0.01, data=rng.integers(-99, 100, (4, 3, 3, 2)))
    window = {"stride_h": 1, "stride_w": 1}
    y, clamped = (m.tensor((1, 5, 6, 4), scale=0.1, zero_point=-100) for _ in range(2))
    deep = m.tensor(y.shape, scale=0.02, zero_point=5)
    m.op("CONV_2D", [padded, first], [y], padding="VALID", **window)
    m.op("RELU6", [y], [clamped])
    second = m.tensor((1, 3, 3, 4), scale=0.002, data=rng.integers(-99, 100, (1, 3, 3, 4)))
    options = {"padding": "SAME", "depth_multiplier": 1, **window}
    bias = m.tensor((4,), "int32", scale=0.0002, data=[900] * 4)
    m.op("DEPTHWISE_CONV_2D", [clamped, second, bias], [deep], **options)
    mapped = m.tensor(deep.shape, scale=0.03, zero_point=4)
    m.op("QUANTIZE", [deep], [mapped])
    bent = m.tensor(deep.shape, scale=1 / 128)
    m.op("TANH", [mapped], [bent])
    z = m.tensor((1, 5, 6, 3), scale=0.02)
    m.op("CONV_2D", [bent, w], [z], padding="SAME", **window)
    return m.build(inputs=[x], outputs=[z])


def built(fwgen: Fwgen, folder: Path, model: bytes, *options: str) -> Path:
    (folder / "m.tflite").write_bytes(model)
    done = fwgen("build", folder / "m.tflite", *options, "-o", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_ops_keep_the_numbers_of_the_model(fwgen: Fwgen, tmp_path: Path) -> None:
    """On a simulated board: the project, its C code, a run with counters, a verification."""
    out, result = built(fwgen, tmp_path, shortened(), "-b", "corstone-300"), tmp_path / "r.json"
    ops = json.loads((out / "fwgen.json").read_text())["ops"]
    assert [(op["index"], op["op"]) for op in ops] == KEPT
    channels = [output["channels"] for op in ops for output in op["outputs"]]
    assert channels == [[1, 2, 3]] * 3 + [None]
    source = (out / "src" / "model.c").read_text()
    for position, (index, code) in enumerate(KEPT):
        assert re.search(rf"^/\* {position}: {code} .*op {index} of the model", source, re.M)
        assert f"void op{position}(void)" in source

    done = fwgen("run", out, "--json", result)
    assert done.returncode == 0, done.stderr
    counts = json.loads(result.read_text())["counters"]["ops"]
    assert [c["index"] for c in counts] == [index for index, _ in KEPT]
    assert all(c["value"] > 0 for c in counts)
    rows = [line.split()[:2] for line in done.stdout.splitlines()[1:5]]
    assert rows == [[str(index), code] for index, code in KEPT]

    done = fwgen("verify", out, "--inputs", 8)
    assert done.returncode == 0, done.stdout


BREAKS = (
    ("conv_2d_nest.h", "bias[o] : 0", "bias[o] : 9999", 3),
    ("depthwise_conv_2d_nest.h", "bias ? bias[", "bias ? 999 + bias[", 5),
    ("lookup_s8.c", "= entries[a", "= entries[255 ^ a", 7),
)


def test_verify_names_op_tensor_and_element_of_the_model(fwgen: Fwgen, tmp_path: Path) -> None:
    out, result = built(fwgen, tmp_path, shortened(), "-b", "host"), tmp_path / "v.json"
    for kernel, right, wrong, op in BREAKS:
        path = out / "kernels" / kernel
        source = path.read_text()
        assert source.count(right) == 1
        path.write_text(source.replace(right, wrong))  # which verify builds
        done = fwgen("verify", out, "--inputs", 1, "--json", result)
        path.write_text(source)
        assert done.returncode == 1, done.stderr
        data = json.loads(result.read_text())
        first = data["first_mismatch"]
        assert (first["op"], first["code"]) == (op, dict(KEPT)[op])
        (output,) = next(o["outputs"] for o in data["ops"] if o["index"] == op)
        assert first["tensor"] == output["tensor"]
        assert first["element"] % 4 != 0, "channel 0 is not there"
    assert first["element"] == 1, "the first one that is left"


@pytest.mark.parametrize(
    ("seed", "options"),
    [
        (0, ("-b", "host", "--sanitize")),
        (1, ("-b", "host", "--sanitize", "--strict")),
        (2, ("-b", "mps2-an386")),
    ],
)
def test_random_models(fwgen: Fwgen, tmp_path: Path, seed: int, options: tuple[str, ...]) -> None:
    out = built(fwgen, tmp_path, pass_model(seed), *options)
    done = fwgen("verify", out, "--inputs", 8)
    assert done.returncode == 0, (done.stdout, done.stderr)


def test_tables_of_the_interface_give_types_once(fwgen: Fwgen, tmp_path: Path) -> None:
    out = built(fwgen, tmp_path, shortened(), "-b", "host", "--no-compile")
    lines = (out / "README.md").read_text().splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith(("| input ", "| output "))]
    assert [[row[0], *row[2:]] for row in rows] == [
        ["| input 0", "int8_t", "1x5x5x2", "0.100000001f", "3", "50 |"],
        ["| output 0", "int8_t", "1x5x6x3", "0.0199999996f", "0", "90 |"],
    ]
