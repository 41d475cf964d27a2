"""The wake words that people use: streaming models of pymicro-wakeword, if it is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Fwgen

try:
    import pymicro_wakeword
except ImportError:
    MODELS: list[Path] = []
else:
    MODELS = sorted((Path(pymicro_wakeword.__file__).parent / "models").glob("*.tflite"))

WAKE_WORDS = {path.stem: path for path in MODELS}

FRAMES = 200

WHERE = [
    *((name, "host") for name in sorted(WAKE_WORDS)),
    *zip(
        sorted(WAKE_WORDS),
        ("corstone-300", "mps2-an505", "corstone-300", "mps2-an505"),
        strict=False,
    ),
]


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
def test_with_an_npu_the_core_keeps_the_state(fwgen: Fwgen, tmp_path: Path) -> None:
    """Vela puts READ_VARIABLE before CALL_ONCE, which sets what is there anyway."""
    name = min(WAKE_WORDS)
    done = fwgen("build", WAKE_WORDS[name], "-b", "corstone-300", "--npu", "ethos-u55-128")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "build" / f"{name}-corstone-300-ethos-u55-128"
    done = fwgen("verify", out, "--inputs", "20")
    assert done.returncode == 0 and "bytes of state differ: " in done.stdout, done.stdout
