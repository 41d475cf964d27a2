"""The energy of an inference in a test: QEMU's STM32F405 is the board, and a stand-in the probe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.device.energy.lpm01a_stand_in import Lpm01aStandIn
from tests.device.energy.metered_board import WATTS, metered_board, metered_project
from tests.pytest_plugin.inner import Inner

TESTS = """
    import numpy as np
    import pytest

    @pytest.mark.fwgen_needs("energy")
    def test_energy(fwgen_dut):
        assert fwgen_dut.energy is None
        for number in range(2):
            fwgen_dut.infer(np.full(64, number))
            found = fwgen_dut.energy
            assert (found.unit, found.source) == ("uj", "lpm01a")
            micro = fwgen_dut.counters
            assert micro.unit == "microseconds"
            assert found.value == pytest.approx(WATTS * micro.value, rel=0.02)
            assert fwgen_dut.energy is found
"""


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims and owners of ports are those of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_test_asks_for_the_energy_of_its_latest_inference(tmp_path: Path) -> None:
    """Skipped without the probe; a probe that loses samples is a failure."""
    project = metered_project(tmp_path)
    tests = TESTS.replace("WATTS", str(WATTS))
    inner = Inner(tmp_path / "inner", tests, f"fwgen_project = {project}\n")
    with Lpm01aStandIn(lambda _: WATTS) as probe, metered_board(project, probe) as port:
        words = (f"--fwgen-energy=lpm01a:{probe.port}", "--fwgen-volts=3.3")
        at = f"--fwgen-port={port}"
        done = inner.run(at, *words)
        assert done.counts == {"passed": 1}, done.text
        (told,) = done.properties.values()
        assert told["fwgen.uj.source"] == "lpm01a"
        assert 0 < float(told["fwgen.uj.least"]) <= float(told["fwgen.uj.most"])
        skipped = inner.run(at)
        assert skipped.counts == {"skipped": 1} and "has no energy" in skipped.failures
        probe.dropped = frozenset(range(500, 1200))
        failed = inner.run(at, *words)
        assert failed.counts == {"failed": 1} and "samples are lost" in failed.text
        probe.unplug()
        gone = inner.run(at, *words)
        assert gone.counts == {"skipped": 1} and "energy probe" in gone.failures, gone.text
