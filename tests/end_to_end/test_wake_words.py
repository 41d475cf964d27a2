"""The wake words that people use: streaming models of pymicro-wakeword, if it is installed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from fwgen.compile.request import Request
from fwgen.pipeline import compile_graph
from fwgen.source import read
from tests.compile.stepping import HOST, stepping, steps
from tests.conftest import Fwgen

try:
    import pymicro_wakeword
except ImportError:
    MODELS: list[Path] = []
else:
    MODELS = sorted((Path(pymicro_wakeword.__file__).parent / "models").glob("*.tflite"))

WAKE_WORDS = {path.stem: path for path in MODELS}

FRAMES = 200

BOARDS = ("corstone-300", "mps2-an505", "host")

WHERE = [
    pytest.param(name, board, marks=() if soon else pytest.mark.nightly)
    for number, name in enumerate(sorted(WAKE_WORDS))
    for board, soon in ((board, BOARDS.index(board) == number % 3) for board in BOARDS)
]
"""All models on all boards, in the suite one board for each."""


@pytest.mark.skipif(not WAKE_WORDS, reason="pymicro-wakeword is not installed")
@pytest.mark.parametrize(("name", "board"), WHERE)
def test_outputs_and_state_are_tflms_frame_after_frame(
    name: str, board: str, fwgen: Fwgen, tmp_path: Path
) -> None:
    done = fwgen("build", WAKE_WORDS[name], "-b", board, "-o", "out")
    assert done.returncode == 0, done.stderr
    done = fwgen("verify", "out", "--inputs", str(FRAMES), "--json", "out.json")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads((tmp_path / "out.json").read_text())
    kept = result["state"]
    assert result["inputs"] == FRAMES and kept["mismatches"] == 0
    # some channels of every model are dead
    assert kept["bytes"] > 2000 and kept["changed"] > 0.8 * kept["bytes"]
    assert result["op_outputs"]["compared"] > 15  # windows that slide are one op each


@pytest.mark.skipif(not WAKE_WORDS, reason="pymicro-wakeword is not installed")
@pytest.mark.parametrize("name", sorted(WAKE_WORDS))
def test_a_reset_begins_the_stream_anew(name: str, tmp_path: Path) -> None:
    """After frames that fill all windows, and a reset, outputs and state are the first ones."""
    program = compile_graph(read(WAKE_WORDS[name]).graph, Request(HOST))
    rng = np.random.default_rng(1)
    frames = [[rng.integers(-128, 128, (1, 3, 40)).astype(np.int8)] for _ in range(30)]
    found = steps(program, stepping(program, tmp_path), [*frames, *frames], reset_at=len(frames))
    assert found[: len(frames)] == found[len(frames) :]
    # without a reset it is another stream
    on = steps(program, tmp_path / "stepping", [*frames, *frames])
    assert on[len(frames)] != found[len(frames)]


@pytest.mark.skipif(not WAKE_WORDS, reason="pymicro-wakeword is not installed")
def test_with_an_npu_the_core_keeps_the_state(fwgen: Fwgen, tmp_path: Path) -> None:
    """Vela puts READ_VARIABLE before CALL_ONCE, which sets what is there anyway."""
    name = min(WAKE_WORDS)
    done = fwgen("build", WAKE_WORDS[name], "-b", "corstone-300", "--npu", "ethos-u55-128")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "build" / f"{name}-corstone-300-ethos-u55-128"
    done = fwgen("verify", out, "--inputs", "20")
    assert done.returncode == 0 and "bytes of state differ: " in done.stdout, done.stdout
