"""What all tests share: the models at hand and the command line as a function."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OWN_MODELS = sorted((ROOT / "models").glob("*.tflite"))
REAL_MODELS = sorted((ROOT.parent / "shared" / "models").glob("*.tflite"))
"""Models of the MLPerf Tiny benchmark, where they lie beside the checkout."""
MINIMALLOC = sorted((ROOT.parent / "shared" / "minimalloc").glob("*.csv"))
"""MiniMalloc's challenging instances, likewise."""

REAL_CMSIS_NN = os.environ.pop("CMSIS_NN_ROOT", "") or os.environ.get("REAL_CMSIS_NN", "")
"""The user's CMSIS-NN, with which only the tests deal that ask for it."""
os.environ["REAL_CMSIS_NN"] = REAL_CMSIS_NN  # for the processes that run the tests
os.environ.pop("CMSIS_PACK_ROOT", None)
os.environ["XDG_CONFIG_HOME"] = "/nonexistent"

Fwgen = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def fwgen(tmp_path: Path) -> Fwgen:
    """Run ``fwgen ARGS`` as a user would, in a folder of its own."""

    def call(
        *args: object, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "fwgen", *map(str, args)],
            cwd=cwd or tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return call
