"""Options of ``fwgen build`` for several models: some are about all of them, some about one."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import OWN_MODELS, Fwgen
from tests.tflite_models import random_op_model
from tests.tflite_models.streams import random_stream

MODELS = {path.stem: path for path in OWN_MODELS}
PAIR = MODELS["digits"], MODELS["mixed_ops"]


@pytest.mark.parametrize("board", ["host", "corstone-300"])
def test_streams_a_convolution_and_an_lstm_keep_what_is_theirs(
    fwgen: Fwgen, tmp_path: Path, board: str
) -> None:
    """All in one arena, with bytes around it that are checked; each also by itself."""
    (tmp_path / "wake.tflite").write_bytes(random_stream(np.random.default_rng(5)))
    lstm = random_op_model("UNIDIRECTIONAL_SEQUENCE_LSTM", np.random.default_rng(2), "int8")
    (tmp_path / "lstm.tflite").write_bytes(lstm)
    paths = tmp_path / "wake.tflite", MODELS["digits"], tmp_path / "lstm.tflite"
    options = ["--sanitize"] if board == "host" else ["--optimize", "ram"]
    done = fwgen("build", *paths, "-b", board, "-o", "p", "--canaries", "--json", "b", *options)
    assert done.returncode == 0, done.stderr
    built = json.loads((tmp_path / "b").read_text())
    arenas, states = (
        [model[key] for model in built["models"]] for key in ("arena_bytes", "state_bytes")
    )
    assert built["memory"]["arena_bytes"] == max(arenas) and all(arenas)
    assert built["memory"]["state_bytes"] == sum(states)
    assert [state > 0 for state in states] == [True, False, True]
    done = fwgen("verify", "p", "--inputs", "6", "--every-op", "--json", "v")
    assert done.returncode == 0, done.stdout + done.stderr
    for model in json.loads((tmp_path / "v").read_text())["models"]:
        assert model["mismatches"] == 0 and model["inputs"] == 6
        if model["name"] == "digits":
            assert model["state"] is None
        else:
            assert model["state"]["mismatches"] == 0 and model["state"]["changed"] > 0
    for name in ("wake", "lstm"):
        for words in (("verify", f"p/{name}", "--inputs", "3"), ("run", f"p/{name}")):
            done = fwgen(*words)
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("board", ["host", "mps2-an386"])
def test_bytes_beside_the_arena_of_each_model_are_checked(
    fwgen: Fwgen, tmp_path: Path, board: str
) -> None:
    """Also those after a model that needs less than others do."""
    done = fwgen("build", *PAIR, "-b", board, "-o", "p", "--canaries", "--json", "b")
    assert done.returncode == 0, done.stderr
    sizes = [model["arena_bytes"] for model in json.loads((tmp_path / "b").read_text())["models"]]
    assert sizes[0] > sizes[1] + 64
    path = tmp_path / "p" / "mixed_ops" / "src" / "model.c"
    source, function = path.read_text(), "static FW_OP void op3(void) {\n"
    assert source.count(function) == 1
    for at in ("-1", "-32", "MIXED_OPS_ARENA_BYTES", "MIXED_OPS_ARENA_BYTES + 31"):
        write = f"  ((volatile uint8_t*)fw_arena)[{at}] ^= 0x10;\n"
        path.write_text(source.replace(function, function + write))
        subprocess.run(["ninja", "-C", tmp_path / "p" / "build"], check=True, capture_output=True)
        done = fwgen("run", "p/mixed_ops")
        assert done.returncode == 7 and "arena-overrun" in done.stderr, done.stdout + done.stderr
        assert fwgen("run", "p/digits").returncode == 0


def test_a_stage_of_each_model_is_printed(fwgen: Fwgen, tmp_path: Path) -> None:
    for stage in ("graph", "selection", "plan", "program"):
        done = fwgen("build", *PAIR, "-b", "host", "--dump", stage, "--json", "d")
        assert done.returncode == 0, done.stderr
        said = json.loads((tmp_path / "d").read_text())
        assert said["stage"] == stage and [m["name"] for m in said["models"]] == [
            "digits",
            "mixed_ops",
        ]
        for path, model in zip(PAIR, said["models"], strict=True):
            alone = fwgen("build", path, "-b", "host", "--dump", stage)
            assert model["text"] == alone.stdout.rstrip("\n")
            assert f"{model['name']}:\n{model['text']}" in done.stdout
    assert not (tmp_path / "build").exists()


def test_shapes_of_inputs_are_of_one_model(fwgen: Fwgen, tmp_path: Path) -> None:
    """By the model's name, and that of the input where there is one."""
    models = MODELS["dynamic_shape"], MODELS["digits"]
    done = fwgen("build", *models, "-b", "host", "-o", "p", "--no-compile", "--json", "b")
    assert done.returncode == 0, done.stderr
    (warned,) = json.loads((tmp_path / "b").read_text())["warnings"]
    asked = re.search(r"--input-shape '?(dynamic_shape/([^ =]+)=[0-9x]+)'? says so", warned)
    assert asked, warned
    words = ["build", *models, "-b", "host", "-o", "p"]
    for text in (asked[1], asked[1].replace(f"/{asked[2]}", "")):
        done = fwgen(*words, "--input-shape", text)
        assert done.returncode == 0 and "warning" not in done.stderr, done.stderr
        assert fwgen("verify", "p", "--inputs", "2").returncode == 0
    for wrong in ("1x8x8x1", "other=1x8x8x1", "digits/none=1x8x8x1"):
        done = fwgen(*words, "--input-shape", wrong)
        assert done.returncode in (2, 3) and "Traceback" not in done.stderr
        assert "try:" in done.stderr or "digits" in done.stderr, done.stderr


def test_places_are_of_one_model_or_of_all(fwgen: Fwgen, tmp_path: Path) -> None:
    words = ["build", *PAIR, "-b", "corstone-300", "-o", "p", "--json", "b"]
    dumped = fwgen(*words, "--dump", "plan").stdout.partition("mixed_ops:")[2]
    tensor = re.search(r"^(t\d+) ", dumped, re.MULTILINE)
    assert tensor, dumped
    places = ["--place", "arena=ISRAM", "--place", f"mixed_ops/{tensor[1]}=DTCM"]
    done = fwgen(*words, *places)
    assert done.returncode == 0, done.stderr
    arenas = json.loads((tmp_path / "b").read_text())["memory"]["arenas"]
    assert {arena["region"] for arena in arenas} == {"ISRAM", "DTCM"}
    assert fwgen("verify", "p", "--inputs", "2").returncode == 0
    for wrong in ("t3=DTCM", "other/t3=DTCM", "digits/arena=DTCM"):
        done = fwgen(*words, "--place", wrong)
        assert done.returncode == 2 and "try: --place digits/t" in done.stderr, done.stderr
