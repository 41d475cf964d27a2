"""fwgen compare: what regresses, what does not, and what is not the same thing at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwgen.cli.arguments import limit as limit_of
from fwgen.errors import UsageError
from fwgen.measure.limits import Limit, Limits
from fwgen.measure.regression import Comparison, ComparisonRow
from fwgen.measure.regression import compare as compare_within
from tests.conftest import OWN_MODELS, Fwgen

Result = dict[str, Any]

RESULT: Result = {
    "schema": 1,
    "board": "corstone-300",
    "model": {"name": "m", "sha256": "00"},
    "memory": {"flash_bytes": 1000, "arena_bytes": 512, "arena_lower_bound_bytes": 500},
    "ops": [{"index": 0, "op": "CONV_2D"}, {"index": 1, "op": "SOFTMAX"}],
    "counters": {
        "source": "a model",
        "unit": "estimated_cycles",
        "total": 10_000,
        "ops": [{"index": 0, "value": 9000}, {"index": 1, "value": 0}],
    },
    "profile": {"instructions": 8000},
    "energy": {"unit": "estimated_uj", "total": 2.5, "pj_per_cycle": 20.0, "source": "a guess"},
}

NAMES = [
    "flash_bytes",
    "arena_bytes",
    "total",
    "op 0 CONV_2D",
    "op 1 SOFTMAX",
    "instructions",
    "energy",
]


def changed(*keys: str | int, to: object) -> Result:
    """RESULT with another value somewhere."""
    result = copy.deepcopy(RESULT)
    place: Any = result
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = to
    return result


def compare(old: Result, new: Result, share: float) -> Comparison:
    """With that limit for all figures."""
    return compare_within(old, new, Limits(Limit(Fraction(str(share)))))


def rows(old: Result, new: Result, limit: float = 0.0) -> dict[str, ComparisonRow]:
    return {row.name: row for row in compare(old, new, limit).rows}


def test_equal_results_have_no_regression() -> None:
    comparison = compare(RESULT, RESULT, 0.0)
    assert [row.name for row in comparison.rows] == NAMES
    assert (comparison.regressions, comparison.notes) == (0, ())
    assert all(row.ratio == 1.0 and not row.regressed for row in comparison.rows)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (("memory", "flash_bytes"), "flash_bytes"),
        (("memory", "arena_bytes"), "arena_bytes"),
        (("counters", "total"), "total"),
        (("counters", "ops", 0, "value"), "op 0 CONV_2D"),
        (("counters", "ops", 1, "value"), "op 1 SOFTMAX"),
        (("profile", "instructions"), "instructions"),
        (("energy", "total"), "energy"),
    ],
)
def test_any_figure_can_regress_and_only_it(keys: tuple[str | int, ...], name: str) -> None:
    old = {row.name: row.old for row in compare(RESULT, RESULT, 0.0).rows}[name]
    found = rows(RESULT, changed(*keys, to=old + 1))
    assert [row.name for row in found.values() if row.regressed] == [name]
    assert not any(row.regressed for row in rows(changed(*keys, to=old + 1), RESULT).values())


@pytest.mark.parametrize(
    ("new", "regressed"), [(10_200, False), (10_201, True), (9_000, False), (10_000, False)]
)
def test_growth_up_to_the_limit_is_none(new: int, regressed: bool) -> None:
    assert rows(RESULT, changed("counters", "total", to=new), 0.02)["total"].regressed is regressed


def test_growth_from_nothing_is_a_regression_without_a_ratio() -> None:
    row = rows(RESULT, changed("counters", "ops", 1, "value", to=5), 10.0)["op 1 SOFTMAX"]
    assert (row.ratio, row.regressed) == (None, True)


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 500))
def test_the_verdict_is_that_of_exact_arithmetic(old: int, new: int, percent: int) -> None:
    found = rows(
        changed("counters", "total", to=old), changed("counters", "total", to=new), percent / 100
    )["total"]
    if new * 100 != old * (100 + percent):  # where rounding may decide
        assert found.regressed is (new * 100 > old * (100 + percent))


@pytest.mark.parametrize(
    ("keys", "to", "words"),
    [
        (("counters", "source"), "another", "not the same thing"),
        (("counters", "unit"), "instructions", "not the same thing"),
        (("energy", "pj_per_cycle"), 30.0, "not the same thing"),
        (("board",), "mps2-an386", "different boards"),
        (("schema",), 2, "different schemas"),
    ],
)
def test_unlike_results_are_refused(keys: tuple[str, ...], to: object, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        compare(RESULT, changed(*keys, to=to), 0.0)


def test_of_different_ops_only_totals_are_compared() -> None:
    comparison = compare(RESULT, changed("ops", 0, "op", to="ADD"), 0.0)
    assert not any(row.name.startswith("op ") for row in comparison.rows)
    assert "the ops differ: totals only" in comparison.notes


@pytest.mark.parametrize(
    ("key", "names"),
    [
        (("energy",), ["energy"]),
        (("counters",), ["total", "op 0 CONV_2D", "op 1 SOFTMAX"]),
        (("counters", "ops"), None),
        (("profile",), ["instructions"]),
        (("memory", "flash_bytes"), ["flash_bytes"]),
    ],
)
def test_a_figure_that_vanished_is_a_failure(key: tuple[str, ...], names: list[str] | None) -> None:
    """But a new one is not."""
    new = copy.deepcopy(RESULT)
    place = new
    for step in key[:-1]:
        place = place[step]
    del place[key[-1]]
    if names is None:  # that is no result of ours
        with pytest.raises(UsageError):
            compare(RESULT, new, 0.0)
        return
    comparison = compare(RESULT, new, 0.0)
    assert comparison.failed and comparison.regressions == 0
    assert list(comparison.vanished) == names
    back = compare(new, RESULT, 0.0)
    assert not back.failed and not back.vanished
    assert {f"only in the new result: {name}" for name in names} == set(back.notes)


def test_counts_of_ops_vanish_even_if_the_ops_are_others() -> None:
    new = changed("ops", 0, "op", to="ADD")
    assert not compare(RESULT, new, 0.0).failed
    new["counters"]["ops"] = []
    assert compare(RESULT, new, 0.0).vanished == ("the counts of ops",)


def test_models_are_told_apart_by_their_hashes() -> None:
    """The same file, with other weights dropped and called otherwise, is the same model."""
    same = changed("model", to={"name": "other", "sha256": "00", "macs": 7})
    assert "the models differ" not in compare(RESULT, same, 0.0).notes
    other = changed("model", "sha256", to="01")
    assert "the models differ" in compare(RESULT, other, 0.0).notes


def test_what_was_not_alike_is_said() -> None:
    for path, words in (
        (("goal",), "--optimize: none before, size now"),
        (("toolchain",), "compiler: none before, size now"),
        (("runner",), "--runner: none before, size now"),
    ):
        assert words in compare(RESULT, changed(*path, to="size"), 0.0).notes


def test_results_of_verify_and_samples_have_figures() -> None:
    verified = {"inputs": 20, "seed": 0, "mismatches": 0, "bytes": 40}
    old = RESULT | verified | {"samples": {"total": 10, "correct": 9}}
    new = old | {"mismatches": 3, "samples": {"total": 10, "correct": 8}}
    found = {row.name for row in compare(old, new, 0.0).rows if row.regressed}
    assert found == {"mismatches", "wrong samples"}
    with pytest.raises(UsageError, match="not the same thing"):
        compare(old, new | {"inputs": 5}, 0.0)


def test_growth_at_a_limit_that_no_float_is_is_none() -> None:
    """1.007 times 1000 is a little less in floating point."""
    for percent, old, new in ((0.7, 1000, 1007), (0.1, 1000, 1001), (14.5, 200, 229)):
        old_result = changed("counters", "total", to=old)
        _, limit = limit_of(f"{percent}%")
        for grown, regressed in ((new, False), (new + 1, True)):
            new_result = changed("counters", "total", to=grown)
            found = compare_within(old_result, new_result, Limits(limit))
            assert found.regressions == regressed


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"schema": 1},
        {"memory": 3},
        {"memory": {"flash_bytes": "1"}},
        {"memory": {"flash_bytes": True}},
        {"memory": {"flash_bytes": float("nan")}},
        {"counters": {"total": 1}},
        {"counters": [1]},
        {"ops": [1]},
        {"ops": 1},
        {"profile": {}},
        {"energy": {"total": None}},
    ],
)
def test_what_is_no_result_is_a_usage_error(result: Result) -> None:
    with pytest.raises(UsageError):
        compare(result, result, 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, object], str]:
    """A file with that JSON, or text."""

    def write(name: str, content: object) -> str:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / name).write_text(text)
        return name

    return write


def test_the_command(fwgen: Fwgen, file: Callable[[str, object], str], tmp_path: Path) -> None:
    old, new = file("old", RESULT), file("new", changed("counters", "total", to=10_300))
    done = fwgen("compare", old, new, "--limit", "2%", "--json", "out.json")
    assert done.returncode == 1
    assert "1.030" in done.stdout and "+3.00%" in done.stdout
    assert done.stdout.count("REGRESSED") == 1
    found = json.loads((tmp_path / "out.json").read_bytes())
    assert found["regressions"] == 1 and len(found["rows"]) == len(NAMES)
    assert fwgen("compare", old, new, "--limit", "3%").returncode == 0
    assert fwgen("compare", old, new).returncode == 1
    assert fwgen("compare", old, old).returncode == 0


def test_the_command_on_a_vanished_figure_and_a_failed_command(
    fwgen: Fwgen, file: Callable[[str, object], str]
) -> None:
    new = copy.deepcopy(RESULT)
    del new["energy"]
    old = file("old", RESULT)
    done = fwgen("compare", old, file("new", new), "--limit", "1%")
    assert done.returncode == 1 and "VANISHED: energy" in done.stdout
    assert "grew by more than 1 %: none" in done.stdout
    failed = file("failed", {"schema": 1, "error": {"what": "No board was given."}})
    done = fwgen("compare", old, failed)
    assert done.returncode == 2 and "No board was given." in done.stderr


def test_a_figure_has_a_limit_of_its_own(
    fwgen: Fwgen, file: Callable[[str, object], str], tmp_path: Path
) -> None:
    """In its unit, which a figure that was 0 needs, or in percent; names may have equals signs."""
    old = file("old", RESULT)
    new = changed("memory", "flash_bytes", to=1256)
    new["counters"] = {**new["counters"], "total": 10_100}
    both = ("--limit", "flash_bytes=+256", "--limit", "total=1%")
    assert fwgen("compare", old, file("new", new), *both, "--json", "out.json").returncode == 0
    found = json.loads((tmp_path / "out.json").read_bytes())
    assert found["limits"] == {"": "0 %", "flash_bytes": "256", "total": "1 %"}
    for less in (("flash_bytes=+255", "total=1%"), ("flash_bytes=+256", "total=.9%")):
        done = fwgen("compare", old, "new", *(word for each in less for word in ("--limit", each)))
        assert done.returncode == 1 and done.stdout.count("REGRESSED") == 1
        assert f"(flash_bytes {less[0][-3:]}, total" in done.stdout
    grown = file("new", changed("counters", "ops", 1, "value", to=5))
    assert fwgen("compare", old, grown, "--limit", "op 1 SOFTMAX=+5").returncode == 0
    assert fwgen("compare", old, grown, "--limit", "op 1 SOFTMAX=+4").returncode == 1
    assert fwgen("compare", old, grown, "--limit", "op 1 SOFTMAX=100%").returncode == 1


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (("flash_byte=1%",), ["no figure 'flash_byte'", "flash_bytes, if that"]),
        (("total=1%", "total=+2"), ["figure total has two limits"]),
        (("1%", "2%"), ["two limits"]),
    ],
)
def test_limits_that_limit_nothing_or_too_much(
    fwgen: Fwgen, file: Callable[[str, object], str], limits: tuple[str, ...], words: list[str]
) -> None:
    old = file("old", RESULT)
    done = fwgen("compare", old, old, *(word for each in limits for word in ("--limit", each)))
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize(
    "limit",
    ["0.01", "1 %", "1e1%", "2", "-1%", "nan%", "inf%", "%", "x%", "total=2", "=1%", "+", "+-1"],
)
def test_a_limit_is_a_percentage_or_a_number_of_units(
    fwgen: Fwgen, file: Callable[[str, object], str], limit: str
) -> None:
    old = file("old", RESULT)
    done = fwgen("compare", old, old, f"--limit={limit}")
    assert done.returncode == 2
    assert "percentage" in done.stderr


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00", "[" * 100_000, None])
def test_files_that_are_no_results(
    fwgen: Fwgen, file: Callable[[str, object], str], content: str | None
) -> None:
    old = file("old", RESULT)
    new = "missing" if content is None else file("new", content)
    done = fwgen("compare", old, new)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_results_of_real_commands(fwgen: Fwgen, tmp_path: Path) -> None:
    """build, run and profile write what compare reads; run and profile do not compare."""
    model = next(path for path in OWN_MODELS if path.stem == "digits")
    fwgen("build", model, "-b", "corstone-300", "-o", "p", "--json", "build.json")
    for command in ("run", "profile"):
        done = fwgen(command, "p", "--json", f"{command}.json")
        assert done.returncode == 0, done.stderr
    for name in ("build", "run", "profile"):
        done = fwgen("compare", f"{name}.json", f"{name}.json")
        assert done.returncode == 0, done.stderr
    done = fwgen("compare", "run.json", "profile.json")
    assert done.returncode == 2
    assert "instructions from 'qemu', and estimated_cycles" in done.stderr
