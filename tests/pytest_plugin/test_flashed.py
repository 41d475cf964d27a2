"""Boards that the plugin has written before the first test, through the probe that is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwgen.cli import main
from tests.conftest import OWN_MODELS
from tests.device.flash.qemu_board import QemuBoard
from tests.device.flash.wire import Wire
from tests.pytest_plugin.inner import Inner

BOARD = "mps2-an386"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
TESTS = """
    import numpy as np
    import pytest

    @pytest.mark.parametrize("number", range(2))
    def test_board(fwgen_dut, number):
        assert fwgen_dut.runner == "serial"
        assert fwgen_dut.infer(np.full(64, number))
"""


def test_an_empty_board_is_written_once_through_its_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    project = tmp_path / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD, "-q", "-o", str(project)]) == 0
    inner = Inner(tmp_path / "inner", TESTS, f"fwgen_project = {project}\n")
    begun: list[bytes] = []

    def change(data: bytes) -> bytes:
        begun.extend([data] if b"qSupported" in data else [])
        return data

    with QemuBoard(BOARD, free_line=True) as board, Wire(board.port, change) as wire:
        port = (f"--fwgen-port={board.url}", "--fwgen-run-args=--boot-timeout 3")
        kept = inner.run(
            *port, "--fwgen-no-flash", f"--fwgen-probe={wire.place}", "--fwgen-require"
        )
        assert kept.counts == {"error": 2} and not begun, kept.text
        done = inner.run(*port, f"--fwgen-probe={wire.place}", "--fwgen-require")
    assert done.counts == {"passed": 2}, done.text
    assert len(begun) == 1
