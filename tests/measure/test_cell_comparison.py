"""Cells of two benches: matched by name, with limits, and none lost without a word."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fwgen.errors import UsageError
from fwgen.measure.cell_comparison import compare_cells
from fwgen.measure.limits import Limit, Limits
from fwgen.report.comparison import comparison as comparison_table
from tests.conftest import Fwgen

NONE = Limits()


def bench(**flash: int | None) -> dict[str, Any]:
    """A result with a cell for each name, which failed if it has no flash."""
    return {"schema": 1, "cells": [cell(name, size) for name, size in flash.items()]}


def cell(name: str, flash: int | None) -> dict[str, Any]:
    figures = {
        "flash_bytes": {"value": flash, "source": "image", "unit": "bytes"},
        "instructions": {"value": 1000, "source": "qemu", "unit": "instructions"},
    }
    return {
        "schema": 1,
        "cell": name,
        "model": {"name": name, "sha256": "00"},
        "board": "host",
        "options": {"name": "default", "words": ""},
        "exit_code": 0 if flash is not None else 4,
        "error": None if flash is not None else {"what": "It does not fit."},
        "figures": figures if flash is not None else {},
    }


def test_cells_are_matched_by_their_names_in_any_order() -> None:
    found = compare_cells(bench(a=100, b=200), bench(b=200, a=101), NONE)
    assert [(r.cell, r.name) for r in found.rows if r.regressed] == [("a", "flash_bytes")]
    assert found.failed and len(found.rows) == 4 and not found.vanished
    assert not compare_cells(bench(a=101), bench(a=100), NONE).failed


def test_limits_are_of_a_figure_in_all_cells() -> None:
    old, new = bench(a=100, b=200), bench(a=102, b=203)
    assert compare_cells(old, new, Limits(Limit(Fraction(1, 100)))).regressions == 2
    limits = Limits(by_figure={"flash_bytes": Limit(share=Fraction(2, 100))})
    assert compare_cells(old, new, limits).regressions == 0
    limits = Limits(by_figure={"flash_bytes": Limit(more=Fraction(2))})
    assert [row.cell for row in compare_cells(old, new, limits).rows if row.regressed] == ["b"]
    with pytest.raises(UsageError, match="no figure 'flash'"):
        compare_cells(old, new, Limits(by_figure={"flash": Limit()}))


@pytest.mark.parametrize(
    ("old", "new", "vanished"),
    [
        (bench(a=1, b=1), bench(a=1), ("b",)),
        (bench(a=1, b=1), bench(a=1, b=None), ("b (exit 4)",)),
        (bench(b=1), bench(b=None), ("b (exit 4)",)),
        (bench(a=1), bench(a=1, b=1), ()),
        (bench(a=1, b=None), bench(a=1, b=1), ()),
        (bench(a=1, b=None), bench(a=1, b=None), ()),
        (bench(a=1, b=None), bench(a=1), ("b",)),
    ],
)
def test_a_cell_that_is_gone_or_fails_now_has_vanished(
    old: dict[str, Any], new: dict[str, Any], vanished: tuple[str, ...]
) -> None:
    found = compare_cells(old, new, NONE)
    assert found.vanished == vanished and found.failed is bool(vanished)


def test_a_figure_that_is_gone_has_vanished() -> None:
    old, new = bench(a=1), bench(a=1)
    del new["cells"][0]["figures"]["instructions"]
    assert compare_cells(old, new, NONE).vanished == ("a: instructions",)


def test_what_is_not_alike_is_said_or_refused() -> None:
    old, new = bench(a=1), bench(a=1)
    new["cells"][0] |= {"toolchain": "gcc 13", "options": {"name": "default", "words": "--strict"}}
    notes = compare_cells(old, new, NONE).notes
    assert "a: compiler: none before, gcc 13 now" in notes
    assert "a: options: none before, --strict now" in notes
    new["cells"][0]["figures"]["instructions"]["source"] = "another"
    with pytest.raises(UsageError, match="not the same thing") as refused:
        compare_cells(old, new, NONE)
    assert refused.value.at == "cell a"


@pytest.mark.parametrize("wrong", [{"schema": 1}, {"cells": 3}, {"cells": [{}]}, {"cells": [1]}])
def test_what_is_no_result_of_a_bench(wrong: dict[str, Any]) -> None:
    for pair in ((bench(a=1), wrong), (wrong, bench(a=1))):
        with pytest.raises(UsageError):
            compare_cells(*pair, NONE)
    with pytest.raises(UsageError, match="no cell in common"):
        compare_cells(bench(a=None), bench(a=None, b=1), NONE)


def test_the_report_has_all_cells_in_a_row_and_each_that_regressed() -> None:
    old = bench(**{f"cell{number}": 1000 for number in range(40)})
    new = copy.deepcopy(old)
    new["cells"][7]["figures"]["flash_bytes"]["value"] = 1100
    text = comparison_table(compare_cells(old, new, NONE))
    lines = [line.split() for line in text.splitlines()]
    assert ["flash_bytes", "40", "0", "1", "+0.24%", "+10.00%", "REGRESSED"] in lines
    assert ["instructions", "40", "0", "0", "+0.00%", "+0.00%"] in lines
    assert ["cell7"] in lines and ["cell8"] not in lines
    assert len(lines) < 12


def test_the_command(fwgen: Fwgen, tmp_path: Path) -> None:
    for name, result in (("old", bench(a=100)), ("new", bench(a=101))):
        (tmp_path / name).write_text(json.dumps(result))
    assert fwgen("compare", "old", "new").returncode == 1
    done = fwgen("compare", "old", "new", "--limit", "flash_bytes=+1", "--json", "out.json")
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out.json").read_bytes())["rows"]
    assert [row["cell"] for row in rows] == ["a", "a"]
