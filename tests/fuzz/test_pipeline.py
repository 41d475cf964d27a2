"""Corrupted models through the whole way to C text: a project or one sentence, in bounded time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.compile.request import Request
from fwgen.errors import DoesNotFit, ModelError
from fwgen.model.check import check
from fwgen.model.reader import read_model
from fwgen.ops import resolve
from fwgen.pipeline import compile_graph
from fwgen.project.render import render

ROOT = Path(__file__).parents[2]
MODELS = sorted((ROOT / "models").glob("*.tflite")) + sorted(
    (ROOT.parent / "shared" / "models").glob("kws*.tflite")
)
MUTANTS = 3000
BOARDS = ("corstone-300", "mps2-an385")


def mutate(data: bytearray, rng: random.Random) -> None:
    """Damage the part of the file where structure is, weights being harmless mostly."""
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        at = rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.randrange(256)
        elif kind == 2:
            value = rng.choice((0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, len(data), 1 << 16))
            data[at : at + 4] = value.to_bytes(4, "little")
        elif kind == 3:
            other = rng.randrange(len(data))
            data[at : at + 8] = data[other : other + 8]
        else:
            del data[at:]
        if not data:
            data.extend(b"\0")


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.stem)
@pytest.mark.parametrize("share", [0, pytest.param(1, marks=pytest.mark.nightly)])
def test_every_corrupted_model_ends_in_a_project_or_a_sentence(share: int, model: Path) -> None:
    """A third of the mutants, and nightly the others."""
    original = model.read_bytes()
    made = refused = 0
    boards = [load_board(name) for name in BOARDS]
    count = MUTANTS // len(MODELS)
    for seed in range(count // 3, count) if share else range(count // 3):
        rng = random.Random(f"{model.stem} {seed}")
        data = bytearray(original)
        mutate(data, rng)
        board = boards[seed % len(boards)]
        try:
            graph = read_model(bytes(data), "mutant")
            check(graph)
            program = compile_graph(resolve(graph), Request(board))
            files = render(program, {"model.tflite": bytes(data)}, board.source)
        except (ModelError, DoesNotFit) as error:
            assert error.exit_code in (3, 4) and error.what, seed
            refused += 1
            continue
        assert "src/model.c" in files, seed
        made += 1
    assert made and refused, "the mutations must be neither harmless nor all fatal"
