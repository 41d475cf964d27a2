"""Models that lie: each ends in a project or a sentence, within 5 s of CPU and 512 MiB."""

from __future__ import annotations

from collections import Counter
from itertools import cycle
from pathlib import Path

import pytest

from fwgen.cli import main
from fwgen.errors import DoesNotFit, ModelError, UsageError
from tests.fuzz.bounded import bounded
from tests.fuzz.mutants import mutants

OPTIONS = (
    ("corstone-300",),
    ("corstone-300", "--strict"),
    ("corstone-300", "--optimize", "ram", "--place", "data=DDR"),
    ("corstone-300", "--feed-rows"),
    ("mps2-an386", "--strict", "--optimize", "ram"),
    ("mps2-an385", "--optimize", "size"),
    ("host", "--optimize", "speed", "--strict"),
)


def judge(folder: Path, seed: int, count: int) -> None:
    path, options = folder / "mutant.tflite", cycle(OPTIONS)

    def build(data: bytes) -> int:
        path.write_bytes(data)
        board, *others = next(options)
        words = ["build", str(path), "-b", board, *others, "--no-compile", "-q"]
        return main([*words, "-o", str(folder / "project"), "--force"])

    outcomes = bounded(build, mutants(seed, count))
    expected = (0, UsageError.exit_code, ModelError.exit_code, DoesNotFit.exit_code)
    wrong = [o for o in outcomes if o.error or o.value not in expected]
    assert not wrong, [(o.name, o.value, o.error, round(o.seconds, 1)) for o in wrong[:9]]
    counts = Counter(o.value for o in outcomes)
    assert len(outcomes) > count * 0.9
    assert min(counts[0], counts[ModelError.exit_code]) > len(outcomes) // 10, counts


def test_models_that_lie_end_in_a_project_or_a_sentence(tmp_path: Path) -> None:
    judge(tmp_path, seed=0, count=600)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(1, 11))
def test_many_models_that_lie(seed: int, tmp_path: Path) -> None:
    judge(tmp_path, seed, count=1000)
