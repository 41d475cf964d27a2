"""The wheel: installed alone, in another folder, it builds and runs a model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import OWN_MODELS, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the tree as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    subprocess.run([*command, "--no-build-isolation", "-w", folder, ROOT], check=True)
    return next(folder.glob("*.whl"))


def test_holds_every_template_and_board_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "boards"):
        files = [p for p in (ROOT / folder).rglob("*") if p.is_file()]
        assert files
        for path in files:
            assert f"fwgen/data/{path.relative_to(ROOT)}" in names
    assert not [n for n in names if n.startswith(("tests", "models", "tools", "docs"))]


def test_works_alone(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "--disable-pip-version-check", wheel], check=True)
    model = next(path for path in OWN_MODELS if path.stem == "digits")
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    fwgen = venv / "bin" / "fwgen"
    build = [fwgen, "build", model, "--board", "corstone-300", "-o", "out"]
    subprocess.run(build, cwd=tmp_path, env=env, check=True, capture_output=True)
    run = [fwgen, "run", "out", "--json", "run.json"]
    subprocess.run(run, cwd=tmp_path, env=env, check=True, capture_output=True)
    result = json.loads((tmp_path / "run.json").read_text())
    assert result["counters"]["unit"] == "instructions" and result["counters"]["total"] > 10_000
