"""A file of 1 KB may ask for gigabytes: each operator with a long axis at every place of it.

Each ends in a project or a sentence within 5 s of CPU and 512 MiB, as the work grows with what the
file holds, or what a board has, and not with what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fwgen.cli import main
from fwgen.contract.node import Node
from fwgen.errors import DoesNotFit, ModelError
from fwgen.kernels import kernels_of
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from tests.fuzz.bounded import Outcome, bounded
from tests.tflite_models.huge import huge_models

GOALS = {10**6: "balanced", 2 * 10**8: "ram"}
"""What to build for, by extent: 1 MB fits the DDR of the board, a multiple of 200 MB does not."""

EXPECTED = (0, ModelError.exit_code, DoesNotFit.exit_code)


def built(folder: Path, extent: int, every: int) -> list[Outcome]:
    """The exit codes of one in ``every`` models."""
    path = folder / "huge.tflite"
    options = ["--place", "data=DDR", "--optimize", GOALS[extent], "--strict", "--no-compile", "-q"]

    def build(data: bytes) -> int:
        ask_every_variant(data)
        path.write_bytes(data)
        return main(["build", str(path), "-b", "corstone-300", "-o", str(folder / "p"), *options])

    def some() -> Iterator[tuple[str, bytes]]:
        for number, model in enumerate(huge_models(extent)):
            if number % every == 0 or model[0].startswith("CHAIN"):
                yield model

    return bounded(build, some())


def ask_every_variant(data: bytes) -> None:
    """Also those of kernels and libraries that the board does not have."""
    try:
        graph = resolve(read_model(data, "huge"))
    except ModelError:
        return
    for op in graph.ops:
        for variant in kernels_of(op.code):
            if variant.takes(Node(graph, op)):
                variant.forms(Node(graph, op))


def judge(outcomes: list[Outcome]) -> None:
    wrong = [o for o in outcomes if o.error or o.value not in EXPECTED]
    assert not wrong, [(o.name, o.value, o.error, round(o.seconds, 1)) for o in wrong[:9]]
    assert sum(o.value != ModelError.exit_code for o in outcomes) > len(outcomes) // 2


@pytest.mark.parametrize("extent", GOALS)
def test_huge_axes_take_bounded_time_and_memory(extent: int, tmp_path: Path) -> None:
    judge(built(tmp_path, extent, every=23))


@pytest.mark.nightly
@pytest.mark.parametrize("extent", GOALS)
def test_all_huge_axes_take_bounded_time_and_memory(extent: int, tmp_path: Path) -> None:
    judge(built(tmp_path, extent, every=1))
