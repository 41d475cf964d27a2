"""Expected cycles of plain C, the same on all cores, beside the cores' pipeline models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fwgen.board import board_names, load_board
from fwgen.device.run.qemu_machine import SECTION as QEMU
from tests.conftest import OWN_MODELS, Fwgen

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
CORES = {
    board.cpu.name: board
    for board in map(load_board, board_names())
    if board.tested == "simulated" and (machine := board.section(QEMU)) and not machine.since
}
"""One board per core that any QEMU simulates."""


@pytest.mark.parametrize("core", CORES)
def test_plain_c_takes_about_the_cycles_that_are_expected(
    core: str, fwgen: Fwgen, tmp_path: Path
) -> None:
    """A build for a Cortex-M0 once expected a third of what its pipeline model then counted."""
    out, seen = tmp_path / "out", tmp_path / "profile.json"
    options = ("--kernels", "reference", "--optimize", "speed")
    made = fwgen("build", DIGITS, "-b", CORES[core].name, *options, "-o", out, "--json", "-", "-q")
    assert made.returncode == 0, made.stderr
    done = fwgen("profile", out, "--json", seen)
    assert done.returncode == 0, done.stderr
    counted = json.loads(seen.read_text())["profile"]["estimated_cycles"]
    assert 0.7 < counted / json.loads(made.stdout)["expected_cycles"] < 1.4
