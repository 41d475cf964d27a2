"""Several models in one image with an NPU: which of them it is for, and what they share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import OWN_MODELS, Fwgen
from tests.npu.test_npu_projects import U55
from tests.tflite_models import random_op_model
from tests.tflite_models.streams import random_stream

MODELS = {path.stem: path for path in OWN_MODELS}


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    """Two convolutional models, and one with a state."""
    (tmp_path / "wake.tflite").write_bytes(random_stream(np.random.default_rng(5)))
    return [MODELS["digits"], tmp_path / "wake.tflite", MODELS["mixed_ops"]]


def test_models_share_an_npu_and_its_arena(
    fwgen: Fwgen, tmp_path: Path, models: list[Path]
) -> None:
    """Each with what the core does of it, in turn."""
    words = ["build", *models, "-b", "corstone-300", "-o", "p", "--json", "b", "--canaries"]
    done = fwgen(*words, "--npu", f"digits,mixed_ops={U55}", "--vela-args=--ignore-ops SOFTMAX")
    assert done.returncode == 0, done.stderr
    built = json.loads((tmp_path / "b").read_text())
    (in_reach,) = (a for a in built["memory"]["arenas"] if a["region"] != "DTCM")
    needs = [m["arena_bytes"] for m in built["models"] if m["name"] != "wake"]
    assert max(needs) <= in_reach["bytes"] < max(needs) + 32, "more than whole cache lines"
    for model in ("digits", "mixed_ops"):
        said = json.loads((tmp_path / "p" / model / "fwgen.json").read_text())
        assert said["npu"]["configuration"] == U55
        assert any(op["npu"] for op in said["npu"]["ops"])
        assert f"{model}: NPU" in done.stdout
    assert "npu" not in json.loads((tmp_path / "p" / "wake" / "fwgen.json").read_text())
    done = fwgen("verify", "p", "--inputs", "3", "--json", "v")
    assert done.returncode == 0, done.stdout + done.stderr
    for each in json.loads((tmp_path / "v").read_text())["models"]:
        assert each["mismatches"] == 0 and each["bytes"] > 0
    for words in (["verify", "p/digits", "--inputs", "2"], ["run", "p/mixed_ops"]):
        done = fwgen(*words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "npu_estimated_cycles" in done.stdout
    done = fwgen("profile", "p/digits")
    assert done.returncode == 0 and "NPU" in done.stdout, done.stderr


def test_a_model_that_is_not_for_an_npu_is_told(
    fwgen: Fwgen, tmp_path: Path, models: list[Path]
) -> None:
    """And a model that Vela compiled before, for another one than the others'."""
    (tmp_path / "svdf.tflite").write_bytes(random_op_model("SVDF", np.random.default_rng(4)))
    pair = [MODELS["digits"], tmp_path / "svdf.tflite"]
    done = fwgen("build", *pair, "-b", "corstone-300", "-o", "p", "--npu", U55)
    assert done.returncode == 3 and f"try: --npu digits={U55}, without svdf" in done.stderr
    for name, configuration in (("one", U55), ("two", "ethos-u55-256")):
        out = ("-o", name, "--no-compile")
        words = ("build", MODELS["digits"], "-b", "corstone-300", "--npu", configuration, *out)
        assert fwgen(*words).returncode == 0
    compiled = [tmp_path / name / "model_vela.tflite" for name in ("one", "two")]
    named = ["--name", "one", "--name", "two"]
    done = fwgen("build", *compiled, *named, "-b", "corstone-300", "-o", "q")
    assert done.returncode == 2 and "one --npu" in done.stderr, done.stderr
    done = fwgen("build", compiled[0], pair[1], *named, "-b", "corstone-300", "-o", "q")
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "q", "--inputs", "1")
    assert done.returncode == 2 and "--reference ORIGINAL.tflite" in done.stderr, done.stderr
    words = ["verify", "q/one", "--inputs", "2", "--reference", MODELS["digits"]]
    assert fwgen(*words).returncode == 0
    assert fwgen("verify", "q/two", "--inputs", "2").returncode == 0
