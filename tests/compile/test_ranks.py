"""Scalars and tensors of any rank go through all passes and stages, strict or not."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from fwgen import GOALS
from fwgen.board import load_board
from fwgen.cli import main
from fwgen.compile.request import Request
from fwgen.errors import ModelError
from fwgen.model.reader import read_model
from fwgen.ops import operators, resolve
from fwgen.pipeline import compile_graph
from tests.tflite_models import ModelBuilder
from tests.tflite_models.huge import quantized

SHAPES = ((), (1,), (3,), (1, 1), (2, 3), (1, 1, 1, 1), (1, 3, 2, 1), (1, 1, 2, 1, 3), (1,) * 6)
UNARY = ("RELU", "RELU6", "LOGISTIC", "TANH", "QUANTIZE", "SOFTMAX", "MAX_POOL_2D")
OUTPUTS = {"LOGISTIC": (1 / 256, -128), "SOFTMAX": (1 / 256, -128), "TANH": (1 / 128, 0)}
"""Scale and zero point where the operator says what they are."""

BETA = {"SOFTMAX": {"beta": 1.0}}
BINARY = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM")


def chain(shape: tuple[int, ...], code: str, constant: bool | None) -> bytes:
    """MEAN to the shape or the shape as it is, an op of one or two operands, a RELU."""
    m = ModelBuilder()
    x = quantized(m, (*shape, 2))
    t = quantized(m, shape)
    m.op("MEAN", [x, m.tensor((1,), "int32", data=[len(shape)])], [t])
    y, z = quantized(m, shape, *OUTPUTS.get(code, ())), quantized(m, shape, 0.25)
    options = dict.fromkeys(("filter_height", "filter_width", "stride_h", "stride_w"), 1)
    if code in BINARY:
        other = m.tensor((), scale=0.5, zero_point=3, data=7) if constant is not None else t
        m.op(code, [other, t] if constant else [t, other], [y])
    else:
        m.op(code, [t], [y], **(options if "POOL" in code else {}), **BETA.get(code, {}))
    m.op("RELU", [y], [z])
    return m.build()


CASES = [(code, None) for code in (*UNARY, *BINARY)]
CASES += list(product(BINARY, (False, True)))


@pytest.mark.parametrize(("code", "constant"), CASES)
def test_any_rank_compiles(code: str, constant: bool | None) -> None:
    assert code in operators()
    board = load_board("corstone-300")
    made = 0
    for shape in SHAPES:
        data = chain(shape, code, constant)
        try:
            graph = resolve(read_model(data, "ranks"))
        except ModelError:
            continue  # pools want images, SOFTMAX an axis
        for strict in (False, True):
            compile_graph(graph, Request(board, strict=strict, goal=GOALS[len(shape) % len(GOALS)]))
            made += 1
    assert made >= 2


def test_a_scalar_activation_is_exact_when_strict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "scalar.tflite"
    model.write_bytes(chain((), "RELU", None))
    folder = str(tmp_path / "p")
    assert main(["build", str(model), "-b", "host", "--strict", "-q", "-o", folder]) == 0
    assert main(["verify", folder, "-q"]) == 0
