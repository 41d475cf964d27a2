"""Element types at the borders of a model: inputs and outputs that are not int8."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Fwgen
from tests.tflite_models import ModelBuilder
from tests.tflite_models.liveliness import answers

INPUTS = (("uint8", 0.05, 130), ("int16", 2**-11, 0), ("int32", 2**-20, 0), ("float32", None, 0))
OUTPUTS = (("uint8", 0.25, 128), ("int16", 2**-9, 0), ("int32", 2**-22, 0))


def all_borders() -> bytes:
    """Inputs and outputs of every type that QUANTIZE, DEQUANTIZE and CAST bring to others."""
    m = ModelBuilder()
    total = None
    for dtype, scale, zero_point in INPUTS:
        x = m.tensor((1, 5, 7), dtype, scale=scale, zero_point=zero_point)
        q = m.tensor(x.shape, scale=0.1, zero_point=-3)
        m.op("QUANTIZE", [x], [q])
        if total is not None:
            joined = m.tensor(x.shape, scale=0.1, zero_point=-3)
            m.op("ADD", [total, q], [joined])
            q = joined
        total = q
    counts = m.tensor(total.shape, "uint32")
    m.op("CAST", [total], [counts])
    flags = m.tensor((1, 5, 7), "bool")
    whole, weighed = m.tensor(flags.shape, "int8"), m.tensor(flags.shape, "float32")
    m.op("CAST", [flags], [whole])
    m.op("CAST", [total], [weighed])
    for dtype, scale, zero_point in OUTPUTS:
        y = m.tensor(total.shape, dtype, scale=scale, zero_point=zero_point)
        m.op("QUANTIZE", [total], [y])
    real = m.tensor(total.shape, "float32")
    m.op("DEQUANTIZE", [total], [real])
    return m.build()


TYPES = (*(dtype for dtype, *_ in INPUTS), "bool")


@pytest.mark.parametrize("board", ["host", "corstone-300", "mps2-an386"])
def test_all_types_at_the_borders(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    model, out, result = tmp_path / "borders.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(all_borders())
    options = ("--sanitize",) if board == "host" else ("--canaries",)
    done = fwgen("build", model, "-b", board, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 6, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 0
    assert verdict["constant_outputs"] == []


def test_inputs_of_files_and_the_interface(fwgen: Fwgen, tmp_path: Path) -> None:
    """Arrays of each type go in and come out as TFLM's; README and C say the types."""
    model, out, result = tmp_path / "borders.tflite", tmp_path / "o", tmp_path / "r.json"
    model.write_bytes(all_borders())
    assert fwgen("build", model, "-b", "host", "-o", out).returncode == 0
    rng = np.random.default_rng(5)
    values = [
        rng.integers(0, 2 if dtype == "bool" else 99, (1, 5, 7)).astype(dtype) for dtype in TYPES
    ]
    given: list[str | Path] = []
    for number, array in enumerate(values):
        given += ["--input", tmp_path / f"{number}.npy"]
        np.save(given[-1], array)
    done = fwgen("run", out, *given, "--json", result)
    assert done.returncode == 0, done.stderr
    outputs = json.loads(result.read_text())["outputs"]
    for got, expected in zip(outputs, answers(all_borders(), [values])[0], strict=True):
        assert got["dtype"] == expected.dtype.name and got["shape"] == list(expected.shape)
        assert got["values"] == expected.reshape(-1).tolist()
    source, readme = (out / "src" / "model.c").read_text(), (out / "README.md").read_text()
    rows = [line.split(" | ")[2] for line in readme.splitlines() if line.startswith("| input ")]
    assert rows == ["uint8_t", "int16_t", "int32_t", "float", "uint8_t"]
    assert [f".type = FW_{dtype.upper()}" in source for dtype in TYPES] == [True] * len(TYPES)
