"""What board files call their chips and probes is what the tools themselves call them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwgen.board import board_names, load_board
from fwgen.device.flash.openocd import SECTION as OPENOCD
from fwgen.device.flash.pyocd import SECTION as PYOCD

BY_OPENOCD = [name for name in board_names() if load_board(name).section(OPENOCD)]
BY_PYOCD = [name for name in board_names() if load_board(name).section(PYOCD)]


@pytest.mark.parametrize("name", BY_OPENOCD)
def test_openocd_has_the_files(name: str) -> None:
    package = pytest.importorskip("openocd_esp32")
    scripts = Path(package.__file__).parent / "share" / "openocd" / "scripts"
    own = load_board(name).section(OPENOCD)
    assert own is not None
    for names in own.config:
        assert any((scripts / name).is_file() for name in names), names


@pytest.mark.parametrize("name", BY_PYOCD)
def test_pyocd_knows_the_chip(name: str) -> None:
    """Without a pack of its maker's, which would have to be downloaded."""
    targets = pytest.importorskip("pyocd.target")
    own = load_board(name).section(PYOCD)
    assert own is not None
    assert own.target in targets.TARGET
