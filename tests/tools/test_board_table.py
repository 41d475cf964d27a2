"""README's table of boards says what the board files and the tests do."""

from __future__ import annotations

import importlib.util

import pytest

from fwgen.board import board_names, load_board
from fwgen.device.run import RUNNERS
from tests.conftest import ROOT
from tests.device.chip_run import CHIPS
from tests.device.test_stm32 import WIRING

_SPEC = importlib.util.spec_from_file_location("board_table", ROOT / "tools/board_table.py")
assert _SPEC is not None and _SPEC.loader is not None
board_table = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(board_table)


def cells() -> dict[str, list[str]]:
    """README's rows by board."""
    _, _, rest = (ROOT / "README.md").read_text().partition(board_table.HEADER)
    rows = [row.strip("|").split("|") for row in rest.partition("\n\n")[0].splitlines()]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}


def test_the_table_is_that_of_the_board_files() -> None:
    text = (ROOT / "README.md").read_text()
    assert board_table.updated(text) == text, "tools/board_table.py writes it"


@pytest.mark.parametrize("name", board_names())
def test_a_row_is_true(name: str) -> None:
    """Read from the other side: by the runners that take the board, and by what the tests have."""
    board = load_board(name)
    title, runs, _, tested = cells()[name]
    assert title == board.title and tested.startswith(str(board.tested))
    words = {"qemu": "QEMU", "fvp": "FVP", "host": "this machine"}
    for runner, word in words.items():
        assert RUNNERS[runner].suits(board) == (word in runs), runner
    executed = name in WIRING or board.platform in CHIPS
    assert executed or board_table.MODELLED not in tested
    if board.tested == "compiled" and not {"qemu", "fvp"} & set(board.sections):
        assert board_table.MODELLED in tested


def test_no_board_is_said_to_have_run_on_silicon_that_nobody_had() -> None:
    """The machine that runs the tests is the only one."""
    on_silicon = [name for name in board_names() if load_board(name).tested == "silicon"]
    assert on_silicon == [name for name in board_names() if load_board(name).native]
