"""``fwgen inspect``: kernels of a board, what a build computes, tensors with their zeros."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fwgen.cli import main
from tests.tflite_models import ModelBuilder


def mixed() -> bytes:
    """A convolution whose weights have a scale each, and a RESHAPE."""
    m = ModelBuilder()
    x, y = m.tensor((1, 6, 6, 4), scale=0.1), m.tensor((1, 6, 6, 8), scale=0.2)
    values = np.arange(8 * 9 * 4).reshape(8, 3, 3, 4) % 5 - 2
    scales = [0.01 * (n + 1) for n in range(8)]
    w = m.tensor((8, 3, 3, 4), scale=scales, data=values, name="weights")
    m.op("CONV_2D", [x, w], [y], stride_h=1, stride_w=1, padding="SAME")
    shape, z = m.tensor((2,), "int32", data=[1, 288]), m.tensor((1, 288), scale=0.2)
    m.op("RESHAPE", [y, shape], [z])
    return m.build()


def faulty() -> bytes:
    m = ModelBuilder()
    x, a = m.tensor((1, 4), scale=0.1), m.tensor((1, 4), scale=0.1)
    b, c = m.tensor((1, 4), "uint8", scale=0.1), m.tensor((1, 3), scale=0.1)
    m.op("HASHTABLE_SIZE", [x], [a])
    m.op("TANH", [x], [b])
    m.op("FULLY_CONNECTED", [a, m.tensor((3, 4), scale=0.1, data=[[1, 0, 0, 2]] * 3)], [c])
    return m.build()


def inspected(tmp_path: Path, model: bytes, *options: str) -> tuple[int, dict[str, Any]]:
    path, result = tmp_path / "m.tflite", tmp_path / "i.json"
    path.write_bytes(model)
    code = main(["inspect", str(path), "--json", str(result), *options])
    return code, json.loads(result.read_text())


@pytest.mark.parametrize(
    ("board", "kernel"), [("corstone-300", "_mve"), ("mps2-an386", "conv_2d_s8_dsp")]
)
def test_kernels_of_a_board(
    board: str, kernel: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = inspected(tmp_path, mixed(), "-b", board)
    assert code == 0
    convolution, *_ = data["ops"]
    assert convolution["kernel"].endswith(kernel) and convolution["status"] == "core"
    assert convolution["kernel"] in capsys.readouterr().out


def test_without_a_board_no_kernel_is_named(tmp_path: Path) -> None:
    code, data = inspected(tmp_path, mixed())
    assert code == 0 and {op["kernel"] for op in data["ops"]} == {None}


def test_ops_that_a_build_computes_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of SHAPE the input need not be a constant."""
    m = ModelBuilder()
    x, shape = m.tensor((1, 4, 2), scale=0.1), m.tensor((3,), "int32")
    m.op("SHAPE", [x], [shape])
    y = m.tensor((1, 4, 2), scale=0.1)
    m.op("RESHAPE", [x, shape], [y])
    code, data = inspected(tmp_path, m.build(), "-b", "host")
    assert code == 0
    assert [op["status"] for op in data["ops"]] == ["the build, as a constant", "core"]
    assert "the build, as a constant" in capsys.readouterr().out


def test_tensors_with_scales_and_zeros(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, data = inspected(tmp_path, faulty(), "--tensors")
    weights = next(t for t in data["tensors"] if t["shape"] == [3, 4])
    assert weights["zeros"] == 0.5 and weights["constant"] and weights["bytes"] == 12
    assert weights["scales"] == [np.float32(0.1)] and weights["zero_points"] == [0]
    assert data["tensors"][0]["zeros"] is None
    shown = capsys.readouterr().out
    assert "50%" in shown and "zero point" in shown
    _, data = inspected(tmp_path, mixed(), "--tensors")
    assert data["tensors"][2]["axis"] == 0 and len(data["tensors"][2]["scales"]) == 8
    assert "0.01 to 0.08 (axis 0)" in capsys.readouterr().out


def test_all_faults_and_what_is_sound_are_told_with_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data = inspected(tmp_path, faulty(), "-b", "corstone-300")
    assert code == 3
    first, second, third = data["ops"]
    assert "no HASHTABLE_SIZE" in first["status"] and "tensor 2 is uint8" in second["status"]
    assert third["status"] == "core" and third["macs"] == 12 and third["kernel"]
    assert [fault["op"] for fault in data["error"]["faults"]] == [0, 1]
    assert "HASHTABLE_SIZE" in capsys.readouterr().out
