"""Ops with several outputs: the link tells of all, and verify names the one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder

READ = ".a = p->input_offset"
WRONG = (("+ 1", 0), ("+ (p->input_offset >= 1)", 1), ("- (p->input_offset >= 2)", 2))
"""What spoils every part of the input that is copied, all but the first, or the last alone; and the
number of the first wrong output."""


def split_in_three() -> tuple[bytes, list[int]]:
    """A SPLIT inside the model, of columns, so that it is no view; the indices of its outputs."""
    m = ModelBuilder()
    x = m.tensor((4, 3), scale=0.5)
    parts = [m.tensor((4, 1), scale=0.5) for _ in range(3)]
    sums = [m.tensor((4, 1), scale=0.5) for _ in range(2)]
    m.op("SPLIT", [m.tensor((), "int32", data=1), x], parts, num_splits=3)
    m.op("MAXIMUM", parts[:2], sums[:1])
    m.op("MINIMUM", [sums[0], parts[2]], sums[1:])
    return m.build(), [part.index for part in parts]


def test_the_wrong_output_of_several_is_named(fwgen: Fwgen, tmp_path: Path) -> None:
    model, parts = split_in_three()
    (tmp_path / "m.tflite").write_bytes(model)
    out, result = tmp_path / "out", tmp_path / "v.json"
    done = fwgen("build", tmp_path / "m.tflite", "-b", "host", "-o", out)
    assert done.returncode == 0, done.stderr
    (op,) = (op for op in json.loads((out / "fwgen.json").read_text())["ops"] if op["index"] == 0)
    assert [output["tensor"] for output in op["outputs"]] == parts
    assert "4x3 -> 4x1, 4x1, 4x1" in op["shape"]
    assert fwgen("verify", out, "--inputs", 2, "--every-op").returncode == 0

    path = out / "kernels" / "strided_copy.c"
    source = path.read_text()
    assert source.count(READ) == 1
    for change, number in WRONG:
        path.write_text(source.replace(READ, f"{READ} {change}"))  # which verify builds
        done = fwgen("verify", out, "--inputs", 1, "--every-op", "--json", result)
        assert done.returncode == 1, done.stderr
        first = json.loads(result.read_text())["first_mismatch"]
        assert (first["op"], first["code"], first["tensor"]) == (0, "SPLIT", parts[number])
        assert first["element"] == 0


def test_only_models_that_have_such_an_op_pay_for_it(fwgen: Fwgen, tmp_path: Path) -> None:
    """The runtime asks whether an op has several outputs only where one has."""
    m = ModelBuilder()
    m.op("RELU", [m.tensor((4,), scale=0.5)], [m.tensor((4,), scale=0.5)])
    for name, model in (("one", m.build()), ("three", split_in_three()[0])):
        (tmp_path / f"{name}.tflite").write_bytes(model)
        options = ("-b", "host", "--no-compile", "-o", tmp_path / name)
        assert fwgen("build", tmp_path / f"{name}.tflite", *options).returncode == 0
        header = (tmp_path / name / "src" / "fw_model.h").read_text()
        assert ("SEVERAL_OUTPUTS" in header) == (name == "three")
