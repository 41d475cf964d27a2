"""tools/benchmark.py: a table for each core, with what others published beside."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from fwgen.board import load_board
from tests.conftest import ROOT
from tests.tflite_models.hand_made import unary

_SPEC = importlib.util.spec_from_file_location("benchmark", ROOT / "tools/benchmark.py")
assert _SPEC is not None and _SPEC.loader is not None
benchmark = importlib.util.module_from_spec(_SPEC)
sys.modules["benchmark"] = benchmark  # its dataclasses look for it there
_SPEC.loader.exec_module(benchmark)

TOO_SMALL = {"cortex-m0"}
"""Cores that QEMU simulates with 16 KB of RAM alone."""


def test_there_is_a_board_of_each_core() -> None:
    cpus = [load_board(name).cpu.name for name in benchmark.CORES]
    assert len(set(cpus)) == len(cpus)
    files = (path for path in (ROOT / "boards").glob("*.toml") if "\n[qemu]" in path.read_text())
    assert set(cpus) == {load_board(path.stem).cpu.name for path in files} - TOO_SMALL


def test_published_figures_say_whose_they_are_and_where() -> None:
    found = list(benchmark.published())
    cpus = {load_board(name).cpu.name for name in benchmark.CORES}
    assert len(found) > 40
    assert {one.cpu for one in found} <= cpus
    for one in found:
        assert re.fullmatch(
            r"https://github.com/mlcommons/tiny_results_v\S+ closed/\S+", one.source
        )
        assert "," in one.who and 1e5 < one.cycles < 2e8
    (krai,) = (o for o in found if "nRF5340" in o.who and o.model == "kws_ref_model")
    assert krai.cycles == round(128e6 / 13.074)


def run(monkeypatch: pytest.MonkeyPatch, *args: object) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmark.py", *map(str, args)])
    benchmark.main()


def test_a_table_of_a_core(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A small model under the name of one of which figures are published."""
    model = shutil.copy(ROOT / "models" / "digits.tflite", tmp_path / "kws_ref_model.tflite")
    monkeypatch.setattr(benchmark, "CORES", ("mps2-an386",))
    result = tmp_path / "rows.json"
    run(monkeypatch, "--cores", "--json", result, model)
    printed = capsys.readouterr().out
    rows = json.loads(result.read_bytes())["rows"]
    images = [row for row in rows if row["kind"] == "estimate"]
    assert [row["who"] for row in images] == ["fwgen", "fwgen --optimize speed"]
    assert images[1]["cycles"] <= images[0]["cycles"]
    assert images[1]["ratio"] == images[1]["cycles"] / images[0]["cycles"]
    others = [row for row in rows if row["kind"] == "silicon"]
    assert others and all("ratio" not in row and "http" in row["source"] for row in others)
    for row in rows:
        assert f"{row['cycles'] / 1000:,.0f}" in printed and row["who"] in printed

    def nothing(*args: Any) -> None:
        raise AssertionError("built again")

    monkeypatch.setattr(benchmark, "built", nothing)
    run(monkeypatch, "--cores", "--json", result, "--keep", "--markdown", model)
    assert json.loads(result.read_bytes())["rows"] == rows
    printed = capsys.readouterr().out
    assert "### cortex-m4 (mps2-an386)" in printed and "| fwgen | estimate |" in printed


def test_a_model_that_does_not_fit_has_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark, "CORES", ("microbit",))
    model = tmp_path / "large.tflite"
    model.write_bytes(unary("LEAKY_RELU", (0.1, 0), (0.1, 0), (20_000,), alpha=0.1))
    run(monkeypatch, "--cores", model)
    assert "does not fit" in capsys.readouterr().out
