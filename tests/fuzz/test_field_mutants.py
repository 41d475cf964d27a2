"""Models that are wrong in one field: each ends in a program or a sentence, within 5 s of CPU and
512 MiB."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.cli import main
from fwgen.compile.request import Request
from fwgen.errors import DoesNotFit, FwgenError, ModelError, UsageError
from fwgen.pipeline import compile_model, require_fit
from fwgen.project.render import render
from tests.fuzz.agreement import said
from tests.fuzz.bounded import bounded
from tests.fuzz.field_mutants import field_mutants
from tests.tflite_models import ModelBuilder

BOARDS = ("corstone-300", "mps2-an385", "host")
PARTS = 40

UNRUN = re.compile(r"subgraphs( |\.[1-9])|calls \d: operatorCodes")
"""In what a mutant is called: a change of subgraphs other than the main one, of how many, or of
operators that perhaps none but they use."""


def compiled(folder: Path) -> Callable[[bytes], int]:
    """What makes a project of a model, without writing it: 0, or the code of a sentence."""
    path = folder / "mutant.tflite"
    ways = cycle((load_board(name), strict) for strict in (False, True) for name in BOARDS)

    def end(data: bytes) -> int:
        path.write_bytes(data)
        board, strict = next(ways)
        try:
            source, program = compile_model(path, Request(board, strict=strict))
            require_fit(program, source.graph)
            assert "src/model.c" in render(program, source.files, board.source)
        except FwgenError as error:
            assert error.what.endswith(".") and error.at, error
            return error.exit_code
        return 0

    return end


def judge(folder: Path, every: int, first: int) -> None:
    outcomes = bounded(compiled(folder), field_mutants(every, first))
    expected = (0, ModelError.exit_code, DoesNotFit.exit_code)
    wrong = [o for o in outcomes if o.error or o.value not in expected]
    assert not wrong, [(o.name, o.value, o.error, round(o.seconds, 1)) for o in wrong[:9]]
    counts = Counter(o.value for o in outcomes)
    assert min(counts[0], counts[ModelError.exit_code]) > len(outcomes) // 5, counts


def test_a_wrong_field_ends_in_a_program_or_a_sentence(tmp_path: Path) -> None:
    judge(tmp_path, every=199, first=0)


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(PARTS))
def test_every_wrong_field(tmp_path: Path, first: int) -> None:
    judge(tmp_path, PARTS, first)


def agree(every: int, first: int) -> None:
    """Of what fwgen takes TFLM gives the same bytes, and it takes it, too.

    But for subgraphs that no inference runs: of these fwgen looks at indices alone.
    """
    found = [*said(field_mutants(every, first))]
    assert len(found) > 30 and sum(one.by_tflm for one in found) > 0.8 * len(found)
    wrong = [
        (one.name, one.fault)
        for one in found
        if one.fault and (one.by_tflm or not UNRUN.search(one.name))
    ]
    assert not wrong, wrong[:9]


def test_what_is_taken_of_wrong_fields_computes_as_tflm() -> None:
    agree(every=997, first=5)


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(0, PARTS, 8))
def test_much_that_is_taken_of_wrong_fields_computes_as_tflm(first: int) -> None:
    agree(PARTS, first)


def test_shapes_of_inputs_that_are_absurd(tmp_path: Path) -> None:
    """Of every size, as far as the command line takes them."""
    m = ModelBuilder()
    x = m.tensor((1, 4, 4, 2), scale=0.1)
    y = m.tensor((1, 4, 4, 2), scale=0.1)
    z = m.like(y, (1, 2))
    m.op("RELU", [x], [y])
    m.op("MEAN", [y, m.tensor((2,), "int32", data=[1, 2])], [z])
    for tensor, axes in ((x, (0, 1, 2)), (y, (0, 1, 2)), (z, (0,))):
        m.leave_open(tensor, *axes)
    path = tmp_path / "open.tflite"
    path.write_bytes(m.build())
    sizes = ("0", "1", "3", "65536", "46341", "2147483647", "2147483648", "999999999", "-1", "x")
    given = [f"{a}x{b}x{c}x2" for a in sizes for b in sizes[1:6] for c in sizes[1:3]]
    given += ["1", "1x4x4", "1x4x4x3", "x".join("1" * 2000), "9" * 5000, "", "=", "none=1x4x4x2"]

    def build(shape: bytes) -> int:
        words = ["build", str(path), "-b", "corstone-300", "--input-shape", shape.decode()]
        try:
            return main([*words, "-o", str(tmp_path / "p"), "--force", "--no-compile", "-q"])
        except SystemExit as end:
            return int(end.code or 0)

    outcomes = bounded(build, [(each[:40], each.encode()) for each in given])
    codes = (0, UsageError.exit_code, ModelError.exit_code, DoesNotFit.exit_code)
    wrong = [o for o in outcomes if o.error or o.value not in codes]
    assert len(outcomes) == len(given) and not wrong, wrong[:9]
    assert {*codes} == {o.value for o in outcomes}
