"""Images whose bytes are not what a linker wrote: sizes, stack and streams, or a sentence."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.build.size import measure
from fwgen.build.stack import stack_bound
from fwgen.cli import main
from fwgen.device.run.elf import read_elf
from fwgen.errors import FwgenError
from tests.conftest import OWN_MODELS

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One of ours, for a Cortex-M55."""
    folder = tmp_path_factory.mktemp("built") / "p"
    assert main(["build", DIGITS, "-b", "corstone-300", "-q", "-o", str(folder)]) == 0
    return (folder / "build" / "firmware.elf").read_bytes()


def mutant(image: bytes, rng: random.Random) -> bytes:
    """A copy with a few other bytes, most of them in headers, or cut off."""
    (sections,) = struct.unpack_from("<I", image, 32)
    data = bytearray(image)
    for _ in range(rng.choice((1, 2, 5, 20))):
        begin, end = rng.choice(((0, 52), (sections, len(image)), (0, len(image))))
        data[rng.randrange(begin, end)] = rng.choice((0, 255, 127, 128, rng.randrange(256)))
    return bytes(data[: rng.randrange(len(data))] if rng.random() < 0.15 else data)


def test_a_damaged_image_is_read_or_a_sentence(image: bytes, tmp_path: Path) -> None:
    rng, board, path = random.Random(5), load_board("corstone-300"), tmp_path / "firmware.elf"
    told = 0
    for _ in range(60):
        path.write_bytes(mutant(image, rng))
        for read in (
            lambda: measure(path, board, 0),
            lambda: stack_bound(path),
            lambda: list(read_elf(path).streams()),
        ):
            try:
                read()
            except FwgenError:
                told += 1
    assert told > 30
