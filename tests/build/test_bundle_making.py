"""Several models on boards a little too small for what was estimated: planned again, as one is."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from fwgen.build import bundle_making
from tests.compile.test_cascades import wide_in_between
from tests.compile.test_measured import board_file, chain, overflows_of
from tests.conftest import Fwgen
from tests.tflite_models import random_graph


@pytest.fixture
def overflows(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    return overflows_of(bundle_making, monkeypatch)


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    """A chain of convolutions, and a model with branches."""
    other = tmp_path / "branches.tflite"
    other.write_bytes(random_graph(np.random.default_rng(7), 12))
    return [chain(tmp_path, 6), other]


def used(path: Path) -> dict[str, int]:
    regions: dict[str, int] = json.loads(path.read_text())["memory"]["by_region"]
    return regions


def arenas(path: Path) -> list[int]:
    """What each model needs."""
    return [model["arena_bytes"] for model in json.loads(path.read_text())["models"]]


def test_constants_leave_a_region_by_measured_sizes(
    fwgen: Fwgen, tmp_path: Path, models: list[Path], overflows: list[dict[str, int]]
) -> None:
    on = board_file(tmp_path)
    words = ["build", *models, "-o", "p", "--json", "b"]
    assert fwgen(*words, "-b", on).returncode == 0
    full = used(tmp_path / "b")["CODE"]
    for less in (40, 1200, 5000):
        done = fwgen(*words, "-b", board_file(tmp_path, CODE=full - less))
        assert done.returncode == 0, done.stderr
        assert used(tmp_path / "b")["CODE"] <= full - less and used(tmp_path / "b")["SLOW"] > 0
        verified = fwgen("verify", "p", "--inputs", 2)
        assert verified.returncode == 0, verified.stdout + verified.stderr
    assert overflows, "nothing was too small for the estimate alone"


def test_models_get_cascades_where_they_would_not_fit_otherwise(
    fwgen: Fwgen, tmp_path: Path, overflows: list[dict[str, int]]
) -> None:
    """The largest alone, or both, whatever the goal; what nothing makes fit is told."""
    models = [tmp_path / "large.tflite", tmp_path / "smaller.tflite"]
    for path, channels in zip(models, (12, 11), strict=True):
        path.write_bytes(wide_in_between(channels))
    words = ["build", *models, "-o", "p", "--json", "b", "--optimize", "speed"]
    assert fwgen(*words, "-b", board_file(tmp_path, divided=False)).returncode == 0
    full, large, smaller = used(tmp_path / "b")["SRAM"], *arenas(tmp_path / "b")
    for less, both in ((16, False), (large - smaller + 16, True)):
        done = fwgen(*words, "-b", board_file(tmp_path, divided=False, SRAM=full - less))
        assert done.returncode == 0, done.stderr
        now = arenas(tmp_path / "b")
        assert now[0] <= large - less and (now[1] < smaller) == both
        assert used(tmp_path / "b")["SRAM"] <= full - less
        assert fwgen("verify", "p", "--inputs", 2).returncode == 0
    done = fwgen(*words, "-b", board_file(tmp_path, divided=False, SRAM=12_000))
    assert done.returncode == 4 and "SRAM" in done.stderr and "try:" in done.stderr
    assert overflows, "nothing was too small for the estimate alone"


def test_any_memories_hold_them_or_are_refused(
    fwgen: Fwgen, tmp_path: Path, models: list[Path], overflows: list[dict[str, int]]
) -> None:
    """Whatever the linker finds, a build ends with an image within all regions, or with exit 4."""
    words = ["build", *models, "-o", "p", "--json", "b"]
    assert fwgen(*words, "-b", board_file(tmp_path)).returncode == 0
    need, rng, codes = used(tmp_path / "b"), random.Random(1), set()
    for _ in range(8):
        sizes = {
            "CODE": round(need["CODE"] * rng.uniform(0.55, 1.02)),
            "SLOW": round(need["CODE"] * rng.uniform(0.1, 0.5)),
            "SRAM": max(round(need["SRAM"] * rng.uniform(0.8, 1.02)), 4_200),
            "BULK": round(need["SRAM"] * rng.uniform(0.1, 0.4)),
        }
        options = rng.choice([(), ("--canaries",), ("--optimize", "ram"), ("--optimize", "size")])
        done = fwgen(*words, "-b", board_file(tmp_path, **sizes), *options)
        codes.add(done.returncode)
        if done.returncode == 0:
            found = used(tmp_path / "b")
            assert all(found[name] <= sizes[name] for name in found), (found, sizes)
        else:
            assert done.returncode == 4 and "which ha" in done.stderr, done.stderr
    assert codes == {0, 4}, "these sizes say nothing"
