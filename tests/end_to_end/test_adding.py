"""Adding an operator: its files are put into a copy of the tree, and nothing else is edited.

``tests/adding/<operator>`` holds the files of an operator, each where it would be in the tree: what
it means, its cases and, if no kernel does it, its reference kernel. The copy has lost what the tree
has of that operator.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.tflite_models import ModelBuilder

ADDING = ROOT / "tests" / "adding"
SAMPLES = {folder.name: folder for folder in sorted(ADDING.iterdir())}
FOLDERS = ("fwgen", "templates", "boards", "tests", "tools", "docs")
FILES = ("pyproject.toml", "README.md", "LICENSE")

LEAKY, RESIZE = "leaky_relu", "resize_nearest_neighbor"


def copy_with(folder: Path, sample: str) -> Path:
    """A copy of the tree in ``folder`` that has the files of a sample, too."""
    ignored = shutil.ignore_patterns("__pycache__", "adding")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    for path in (*folder.rglob(f"{sample}.py"), *folder.rglob(f"{sample}_*.[ch]")):
        path.unlink()
    assert sample.upper() not in table(folder), "a copy without the operator has it"
    shutil.copytree(SAMPLES[sample], folder, dirs_exist_ok=True)
    return folder


def table(tree: Path) -> str:
    """The README of a copy, with the operators that the copy has."""
    done = run(tree, "tools/operator_table.py")
    assert done.returncode == 0, done.stderr
    return (tree / "README.md").read_text(encoding="utf-8").partition("## Operators")[2]


def run(tree: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """Python of this environment on the modules of a copy."""
    env = {**os.environ, "PYTHONPATH": str(tree)}
    arguments = [sys.executable, *map(str, command)]
    return subprocess.run(
        arguments, cwd=tree, env=env, capture_output=True, text=True, timeout=500, check=False
    )


def discovered(tree: Path, words: str) -> subprocess.CompletedProcess[str]:
    """The tests of operators in a copy that have one of the words in their name."""
    options = ("-q", "-x", "-n0", "-p", "no:cacheprovider", "--no-header")
    return run(tree, "-m", "pytest", *options, "tests/ops", "-k", words)


def passed(done: subprocess.CompletedProcess[str]) -> int:
    """How many tests passed, of a run in which none failed."""
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    found = re.search(r"(\d+) passed", done.stdout)
    assert found is not None
    return int(found[1])


def network(code: str) -> bytes:
    """A convolution, the new op and a sum of both."""
    m = ModelBuilder()
    rng = np.random.default_rng(1)
    x = m.tensor((1, 8, 8, 4), scale=0.1, zero_point=3)
    w = m.tensor((8, 3, 3, 4), scale=0.01, data=rng.integers(-127, 128, (8, 3, 3, 4)))
    a = m.tensor((1, 8, 8, 8), scale=0.05, zero_point=-4)
    window = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    m.op("CONV_2D", [x, w], [a], **window)
    b = m.tensor((1, 8, 8, 8), scale=0.05, zero_point=-4)
    if code == "LEAKY_RELU":
        m.op(code, [a], [b], alpha=0.2)
    else:
        pooled = m.tensor((1, 4, 4, 8), scale=0.05, zero_point=-4)
        halves = {"filter_height": 2, "filter_width": 2, "stride_h": 2, "stride_w": 2}
        m.op("MAX_POOL_2D", [a], [pooled], padding="VALID", **halves)
        m.op(code, [pooled, m.tensor((2,), "int32", data=(8, 8))], [b])
    y = m.tensor((1, 8, 8, 8), scale=0.1)
    m.op("ADD", [a, b], [y])
    return m.build()


@pytest.mark.parametrize("sample", SAMPLES)
def test_tests_and_tables_find_an_added_operator(sample: str, tmp_path: Path) -> None:
    tree, code = copy_with(tmp_path, sample), sample.upper()
    assert code in table(tree)
    assert passed(discovered(tree, f"{code} or has_cases or readme")) >= 12


@pytest.mark.parametrize(
    ("sample", "board", "kernel"),
    [
        (LEAKY, "corstone-300", "lookup_s8_mve"),
        (RESIZE, "mps2-an386", "resize_nearest_neighbor_s8"),
    ],
)
def test_a_model_with_an_added_operator_is_exact(
    sample: str, board: str, kernel: str, tmp_path: Path
) -> None:
    tree = copy_with(tmp_path / "tree", sample)
    model, project, result = (tmp_path / name for name in ("m.tflite", "project", "v.json"))
    model.write_bytes(network(sample.upper()))
    done = run(tree, "-m", "fwgen", "build", model, "-b", board, "-o", project)
    assert done.returncode == 0, done.stderr
    assert (project / "kernels" / f"{kernel}.c").exists()
    options = ("--inputs", 3, "--every-op", "--json", result)
    done = run(tree, "-m", "fwgen", "verify", project, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(result.read_bytes())
    assert verdict["mismatches"] == 0 and verdict["bytes"] > 0


@pytest.mark.parametrize(
    ("sample", "file", "right", "wrong"),
    [
        (LEAKY, "fwgen/ops/leaky_relu.py", "values >= 0", "values > 5"),
        (LEAKY, "fwgen/ops/leaky_relu.py", "0.0 <= alpha < np.inf", "0.0 <= alpha"),
        (RESIZE, "fwgen/ops/resize_nearest_neighbor.py", "rows][:, :, columns", "rows, columns"),
    ],
)
def test_a_fault_in_an_added_operator_is_found(
    sample: str, file: str, right: str, wrong: str, tmp_path: Path
) -> None:
    """In what it computes, refuses and folds: no test had to be told of the operator."""
    tree = copy_with(tmp_path, sample)
    text = (tree / file).read_text(encoding="utf-8")
    assert right in text
    (tree / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    done = discovered(tree, sample.upper())
    assert done.returncode == 1 and f"[{sample.upper()}" in done.stdout, done.stdout[-2000:]


def test_an_operator_without_cases_is_found(tmp_path: Path) -> None:
    tree = copy_with(tmp_path, LEAKY)
    (tree / "tests" / "ops" / "cases" / f"{LEAKY}.py").unlink()
    done = discovered(tree, "has_cases")
    assert done.returncode in (1, 2) and LEAKY.upper() in done.stdout
