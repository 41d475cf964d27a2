"""Integer models that end in float32, as where a softmax was left out of quantization."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.model.element import Element
from fwgen.ops import operators
from tests.conftest import Fwgen
from tests.tflite_models import OPERATORS, ModelBuilder
from tests.tflite_models.cases import cases_of
from tests.tflite_models.draw import Draw

SHAPE = (1, 4, 6, 5)


def functions() -> list[str]:
    """The operators of one operand of float32 that give float32."""
    one = (Element.F32, Element.F32)
    return [
        code
        for code in OPERATORS
        if one in operators()[code].types and cases_of(code).ranks[0] <= len(SHAPE)
    ]


def float_ends() -> bytes:
    """A convolution of int8, and every function of what it gives as numbers from 0 on."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(4), tame=True)
    x = m.tensor(SHAPE, scale=0.1, zero_point=3)
    weights = d.rng.integers(-127, 128, (5, 3, 3, 5))
    w = m.tensor(weights.shape, scale=0.02, data=weights)
    body = m.tensor(SHAPE, scale=0.21, zero_point=-7)
    m.op("CONV_2D", [x, w], [body], padding="SAME", stride_h=1, stride_w=1)
    real, size = m.tensor(SHAPE, "float32"), m.tensor(SHAPE, "float32")
    m.op("DEQUANTIZE", [body], [real])
    m.op("ABS", [real], [size])
    for code in functions():
        cases_of(code).append(m, d, size)
    return m.build()


@pytest.mark.parametrize("board", ["host", "corstone-300", "mps2-an386"])
def test_functions_of_float32_are_exact_on_boards(fwgen: Fwgen, tmp_path: Path, board: str) -> None:
    """Without a tolerance, with an FPU for doubles and without one."""
    assert {"SOFTMAX", "LOG_SOFTMAX", "TANH", "SIN", "L2_NORMALIZATION"} <= {*functions()}
    model, out, result = tmp_path / "ends.tflite", tmp_path / "o", tmp_path / "v.json"
    model.write_bytes(float_ends())
    options = ("--sanitize",) if board == "host" else ("--canaries",)
    done = fwgen("build", model, "-b", board, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", out, "--inputs", 3, "--every-op", "--json", result)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_text())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 3 * 4 * 120 * 20
