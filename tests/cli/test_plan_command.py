"""``fwgen plan``: a table of buffers in, offsets and what is proven about them out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import Fwgen

TABLE = "id,lower,upper,size\na,0,3,4\nb,3,9,4\nc,0,9,4\nd,9,21,4\ne,0,21,4\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "buffers.csv"
    path.write_text(TABLE)
    return path


def test_a_table_is_placed(fwgen: Fwgen, table: Path, tmp_path: Path) -> None:
    out, result = tmp_path / "plan.csv", tmp_path / "plan.json"
    done = fwgen("plan", table, "--capacity", 12, "-o", out, "--json", result)
    assert done.returncode == 0, done.stderr
    assert "12 of 12 bytes" in done.stdout and "proven optimal" in done.stdout
    data = json.loads(result.read_text())
    assert (data["schema"], data["arena_bytes"], data["arena_lower_bound_bytes"]) == (1, 12, 12)
    assert (data["fits"], data["optimal"], data["gap_bytes"]) == (True, True, 0)
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["id", "lower", "upper", "size", "offset"]
    assert {row["id"]: int(row["offset"]) for row in rows} == data["offsets"]
    assert sorted(data["offsets"][name] for name in "ace") == [0, 4, 8]
    again = fwgen("plan", out, "--capacity", 12)  # its offsets are fixed now, and still a plan
    assert again.returncode == 0 and "proven optimal" in again.stdout


def test_without_capacity_it_is_the_smallest(fwgen: Fwgen, table: Path) -> None:
    table.write_text("id,lower,upper,size,alignment,offset\na,0,2,3,4,\nb,1,3,5,4,8\nc,0,3,2,,\n")
    done = fwgen("plan", table)
    assert done.returncode == 0 and done.stdout.splitlines()[0].split() == ["arena", "13", "bytes"]


def test_what_does_not_fit_is_4_and_says_how_sure_it_is(fwgen: Fwgen, table: Path) -> None:
    done = fwgen("plan", table, "--capacity", 11)
    assert done.returncode == 4
    assert "proven infeasible" in done.stderr and "--capacity 12" in done.stderr
    pieces = [f"{i},{a},{b},{s}" for i, (a, b, s) in enumerate(PUZZLE)]
    table.write_text("\n".join(["id,lower,upper,size", *pieces]))
    assert fwgen("plan", table, "--capacity", 16).returncode == 0
    done = fwgen("plan", table, "--capacity", 16, "--budget", 1)
    assert done.returncode == 4
    assert "no plan within 1 nodes" in done.stderr and "--budget 10" in done.stderr


PUZZLE = (
    (0, 3, 5), (3, 9, 5), (9, 16, 2), (0, 2, 8), (2, 9, 4), (9, 12, 9), (12, 16, 3), (0, 2, 3),
    (2, 3, 7), (3, 6, 7), (6, 9, 7), (9, 12, 5), (12, 14, 11), (14, 16, 11),
)  # fmt: skip
"""A square of 16 cut to pieces, which best fit does not put together again."""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["line 1", "id,lower,upper,size", "got nothing"]),
        ("id,lower,upper\n", ["line 1", "got id,lower,upper"]),
        ("id,lower,upper,size,colour\n", ["line 1", "colour"]),
        ("id,lower,upper,size\na,0,1,4\nb,0,1\n", ["line 3", "expected 4 values", "got 3"]),
        ("id,lower,upper,size\na,0,1,many\n", ["line 2", "size", "'many'"]),
        ("id,lower,upper,size\na,0,1,0\n", ["line 2", "size", "got 0"]),
        ("id,lower,upper,size\na,5,5,4\n", ["line 2", "upper", "got 5"]),
        ("id,lower,upper,size,alignment,offset\na,0,1,4,8,4\n", ["line 2", "multiple", "8"]),
        ("id,lower,upper,size\na,0,1,4\na,0,1,4\n", ["id 'a'"]),
        ("id,lower,upper,size,offset\na,0,1,4,0\nb,0,1,4,3\n", ["'a' and 'b'", "fixed"]),
        ('id,lower,upper,size\n"a,0,1,4\n', ["not CSV"]),
    ],
)
def test_a_wrong_table_is_one_sentence(
    fwgen: Fwgen, table: Path, content: str, words: list[str]
) -> None:
    table.write_text(content)
    done = fwgen("plan", table)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    for word in ["buffers.csv", *words]:
        assert word in done.stderr


def test_files_that_cannot_be_read_or_written(fwgen: Fwgen, table: Path, tmp_path: Path) -> None:
    done = fwgen("plan", tmp_path / "missing.csv")
    assert done.returncode == 2 and "missing.csv" in done.stderr
    table.write_bytes(b"\xff\xfe")
    assert fwgen("plan", table).returncode == 2
    table.write_text(TABLE)
    done = fwgen("plan", table, "-o", tmp_path / "no" / "plan.csv")
    assert done.returncode == 5 and "plan.csv" in done.stderr
