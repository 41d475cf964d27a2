"""Ops with a state of their own beside an NPU, which does what is around them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.errors import ToolError
from fwgen.model.reader import read_model
from fwgen.npu.trace import traced
from tests.conftest import ROOT, Fwgen
from tests.npu.test_npu_projects import U55
from tests.tflite_models import ModelBuilder, Tensor
from tests.tflite_models.cases import cases_of
from tests.tflite_models.draw import Draw
from tests.tflite_models.entry_points import packed, unpacked

FOLDER = ROOT.parent / "shared" / "models" / "more"
STATEFUL = {
    path: code
    for name, code in (
        ("mnist_lstm_s8", "UNIDIRECTIONAL_SEQUENCE_LSTM"),
        ("keyword_svdf_s8", "SVDF"),
    )
    for path in FOLDER.glob(f"{name}.tflite")
}
"""Models beside the checkout, if they are there, and their ops with a state."""


def renamed(m: ModelBuilder, name: bytes | None) -> bytes:
    """The model, with another name of all tensors, or none."""
    model = unpacked(m.build())
    (graph,) = model.subgraphs
    for tensor in graph.tensors:
        tensor.name = name
    return packed(model)


def dense(m: ModelBuilder, d: Draw, x: Tensor, units: int) -> Tensor:
    """FULLY_CONNECTED of the last dimension."""
    size = x.shape[-1]
    w = m.tensor((units, size), scale=0.01, data=d.int8((units, size)))
    y = m.tensor((1, units), scale=0.02, zero_point=3)
    m.op("FULLY_CONNECTED", [x, w], [y])
    return y


def streaming(seed: int) -> ModelBuilder:
    """A product, SVDF, and another product."""
    m, d = ModelBuilder(), Draw(np.random.default_rng(seed), tame=True)
    y = dense(m, d, m.tensor((1, 24), scale=0.03, zero_point=-2), 24)
    dense(m, d, cases_of("SVDF").append(m, d, y), 5)
    return m


def keeps_state(fwgen: Fwgen, tmp_path: Path, model: Path, code: str) -> None:
    """Build and verify; the op with ``code`` is on the core, products on the NPU."""
    done = fwgen("build", model, "-b", "corstone-300", "--npu", U55, "-o", "p")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "p" / "fwgen.json").read_text())["npu"]["ops"]
    on_npu = {op["op"]: op["npu"] for op in told}
    assert on_npu[code] is False and on_npu["FULLY_CONNECTED"] is True
    done = fwgen("verify", "p", "--inputs", "5", "--json", "v")
    assert done.returncode == 0, done.stdout + done.stderr
    state = json.loads((tmp_path / "v").read_text())["state"]
    assert state["mismatches"] == 0 and state["changed"] > 0


@pytest.mark.parametrize("form", ["named", "empty", "nameless"])
def test_the_core_keeps_the_state(fwgen: Fwgen, tmp_path: Path, form: str) -> None:
    m = streaming(3)
    data = m.build() if form == "named" else renamed(m, b"" if form == "empty" else None)
    (tmp_path / "m.tflite").write_bytes(data)
    keeps_state(fwgen, tmp_path, tmp_path / "m.tflite", "SVDF")


@pytest.mark.parametrize("model", STATEFUL, ids=lambda path: path.stem)
def test_models_as_converters_write_them(fwgen: Fwgen, tmp_path: Path, model: Path) -> None:
    """Vela takes no LSTM as the tests' own builder writes it."""
    keeps_state(fwgen, tmp_path, model, STATEFUL[model])


def test_ops_that_cannot_be_told_apart_are_told() -> None:
    """One of two nameless ops of a kind and shape stayed: it could be either."""
    m, both = ModelBuilder(), ModelBuilder()
    for model, count in ((m, 1), (both, 2)):
        x = model.tensor((1, 4), scale=0.1, name=b"")
        for _ in range(count):
            y = model.tensor((1, 4), scale=0.1, name=b"")
            model.op("RELU", [x], [y])
            x = y
    left = ModelBuilder()
    x, y = (left.tensor((1, 4), scale=0.1, name="<unnamed>") for _ in range(2))
    left.op("RELU", [x], [y])
    graph = read_model(left.build(), "left")
    assert traced(graph, read_model(m.build(), "one"), {}).graph.ops[0].code == "RELU"
    with pytest.raises(ToolError, match="does not have: RELU"):
        traced(graph, read_model(both.build(), "two"), {})
