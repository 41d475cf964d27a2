"""The short names of the fixtures: ``board``, ``bench`` and ``dut``.

They are defined only in projects that say what to run, so that fwgen takes no name from the tests
of others. pytest-embedded has a ``dut`` of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fwgen.pytest_plugin import dut_scope

if TYPE_CHECKING:
    from fwgen.board import Board
    from fwgen.pytest_plugin.bench import Bench
    from fwgen.pytest_plugin.dut import Dut


@pytest.fixture(scope="session")
def board(fwgen_board: Board) -> Board:
    """``fwgen_board``: the board that is asked for."""
    return fwgen_board


@pytest.fixture(scope="session")
def bench(fwgen_bench: Bench) -> Bench:
    """``fwgen_bench``: the project, built."""
    return fwgen_bench


@pytest.fixture(scope=dut_scope)
def dut(fwgen_dut: Dut) -> Dut:
    """``fwgen_dut``: the device under test, started."""
    return fwgen_dut
