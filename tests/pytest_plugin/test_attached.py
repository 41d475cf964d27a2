"""Boards that are attached: QEMU at pseudo terminals stands in for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwgen.cli import main
from tests.conftest import OWN_MODELS
from tests.device.stand_in_board import plugged_in
from tests.pytest_plugin.inner import Inner

BOARD = "mps2-an386"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
TESTS = """
    import numpy as np
    import pytest

    @pytest.mark.parametrize("number", range(4))
    def test_board(fwgen_dut, number):
        before = fwgen_dut.infer(np.full(64, number))
        fwgen_dut.reset()
        assert np.array_equal(before, fwgen_dut.infer(np.full(64, number)))
"""


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims and owners of ports are those of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose image is built."""
    folder = tmp_path_factory.mktemp("attached") / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD, "-q", "-o", str(folder)]) == 0
    return folder


def test_processes_share_the_boards_of_a_bench(project: Path, tmp_path: Path) -> None:
    image = project / "build" / "firmware.elf"
    inner = Inner(tmp_path / "inner", TESTS, f"fwgen_project = {project}\n")
    bench = tmp_path / "bench.toml"
    with plugged_in(BOARD, image) as one, plugged_in(BOARD, image) as other:
        for ports in ([one], [one, other]):
            devices = (f'[[device]]\nboard = "{BOARD}"\nport = "{port}"\n' for port in ports)
            bench.write_text("".join(devices))
            done = inner.run(f"--fwgen-bench={bench}", "--fwgen-require", "-n2", xdist=True)
            assert done.counts == {"passed": 4}, done.text
            for told in done.properties.values():
                assert told["fwgen.runner"] == "serial" and told["fwgen.inferences"] == "2"
                assert int(told["fwgen.microseconds.least"]) > 0
                assert "fwgen.instructions.least" not in told


def test_a_board_that_is_unplugged_is_skipped_unless_it_is_required(
    project: Path, tmp_path: Path
) -> None:
    inner = Inner(tmp_path / "inner", TESTS, f"fwgen_project = {project}\n")
    gone = f"--fwgen-port={tmp_path / 'ttyACM7'}"
    skipped = inner.run(gone)
    assert skipped.counts == {"skipped": 4} and "There is no such port" in skipped.failures
    required = inner.run(gone, "--fwgen-require")
    assert required.counts == {"error": 4}, required.text
