"""The table of cells: 80 columns whatever is in it, and nothing of it left out."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fwgen.report.cell_table import cell_table, csv_table

Cell = dict[str, Any]
SOURCES = {"instructions": "qemu", "cycles": "dwt", "estimated_cycles": "a model of a core"}
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)


def cell(model: str = "kws", board: str = "host", options: str = "default", **more: Any) -> Cell:
    """A cell with some figures: bytes, or counts of a unit of SOURCES."""
    figures = more.pop("figures", {"flash_bytes": 1})
    return {
        "schema": 1,
        "cell": f"{model} {board} {options}",
        "model": {"name": model, "sha256": "00"},
        "board": board,
        "run_options": "",
        "options": {"name": options, "words": ""},
        "repeat": 1,
        "exit_code": 0,
        "error": None,
        "figures": {
            name: {"value": value, "source": SOURCES.get(name, "image"), "unit": unit_of(name)}
            for name, value in figures.items()
        },
    } | more


def unit_of(name: str) -> str:
    return "bytes" if name.endswith("_bytes") or name == "mismatches" else name


FIGURES = st.fixed_dictionaries(
    {},
    optional={
        name: st.integers(0, 1 << 40)
        for name in (
            *("flash_bytes", "ram_bytes", "arena_bytes", "state_bytes", "stack_bytes"),
            *("instructions", "cycles", "estimated_cycles", "mismatches"),
        )
    },
)


@settings(max_examples=50)
@given(st.lists(st.builds(cell, model=WORDS, board=WORDS, figures=FIGURES), min_size=1, max_size=9))
def test_no_row_is_wider_than_80_columns_and_all_figures_are_there(cells: list[Cell]) -> None:
    text = cell_table(cells, "bench")
    assert all(len(line) <= 80 for line in text.splitlines())
    shown = set(re.findall(r"[\d,]+", text))
    for each in cells:
        for name, figure in each["figures"].items():
            if name not in ("state_bytes", "stack_bytes"):
                assert f"{figure['value']:,}" in shown


def test_what_is_the_same_of_all_cells_is_told_once() -> None:
    text = cell_table([cell("a"), cell("b")], "bench")
    assert text.splitlines()[0].split() == ["model", "flash", "result"]
    assert "all     board host" in text and "all     options default" in text
    text = cell_table([cell("a", "host"), cell("a", "m4")], "bench")
    assert text.splitlines()[0].split() == ["model", "board", "flash", "result"]


def test_state_has_a_column_where_a_model_has_some() -> None:
    rows = [cell("a", figures={"state_bytes": size}) for size in (0, 8)]
    assert "state" not in cell_table(rows[:1], "bench")
    assert "state" in cell_table(rows, "bench")


def test_a_failure_tells_its_sentence_and_where_its_log_is() -> None:
    error = {"what": "It needs " + "very " * 30 + "much."}
    bad = cell("big", exit_code=4, error=error, command="build", log="big.log", figures={})
    other = bad | {"cell": "vast host default", "log": "vast.log"}
    text = cell_table([cell("small"), bad, other], "results")
    assert f"FAILED  exit 4 at build: {error['what']}" in re.sub(r"\n +very", " very", text)
    assert text.count("FAILED") == 1, "a reason of several cells is told once"
    assert "big host default: results/big.log" in text
    assert "vast host default: results/vast.log" in text
    assert text.splitlines()[-1] == "3 cells: 1 ok, 2 failed"


def test_figures_that_are_not_alike_have_a_note() -> None:
    spread = cell(figures={"cycles": 101}, repeat=3)
    spread["figures"]["cycles"] |= {"least": 100, "most": 1070}
    other = cell("vww", toolchain="gcc 13", ran_on="mps2")
    text = cell_table([spread | {"toolchain": "gcc 12"}, other], "bench")
    assert "kws host default: cycles from 100 to 1,070 in 3 runs" in text
    assert "several versions of a compiler: gcc 12, gcc 13" in text
    assert "what is for host was run on mps2 in its place" in text
    assert "count   cycles: dwt" in text


def test_csv_has_all_figures_with_their_units_and_sources() -> None:
    rows = [cell("a,b", figures={"cycles": 5}), cell("c", figures={"ram_bytes": 7}, exit_code=1)]
    rows[1]["error"] = {"what": 'says "no"'}
    first, second = csv.DictReader(io.StringIO(csv_table(rows)))
    assert (first["model"], first["cycles"], first["cycles source"]) == ("a,b", "5", "dwt")
    assert (first["ram_bytes"], second["ram_bytes"], second["cycles"]) == ("", "7", "")
    assert (second["exit_code"], second["error"]) == ("1", 'says "no"')
