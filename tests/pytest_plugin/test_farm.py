"""A farm of four boards, one of which dies: labgrid gives them to the processes of pytest-xdist."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from fwgen.cli import main
from fwgen.host.oracle import Oracle
from tests.conftest import OWN_MODELS
from tests.device.farm.bench_board import BenchBoard
from tests.device.farm.farm_bench import LABGRID, FarmBench
from tests.pytest_plugin.inner import Inner

BOARD = "mps2-an386"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
BOARDS, VICTIM = ("north", "east", "south", "west"), "south"

TESTS = """
    import re
    import time
    import urllib.request
    from pathlib import Path

    import numpy as np
    import pytest

    met = Path("met")

    @pytest.mark.parametrize("number", range(8))
    def test_board(dut, number):
        given = np.random.default_rng(number).integers(-128, 128, dut.bench.input_shapes[0])
        np.savez(dut.folder / "values.npz", given, *dut.infer(given))
        met.mkdir(exist_ok=True)
        (met / str(number)).touch()
        while len(list(met.iterdir())) < 4:  # all four boards are in use at once
            time.sleep(0.05)
        place = re.match(r"place (\\w+) of ", dut.place)[1]
        if place == "VICTIM":
            urllib.request.urlopen(f"URL/{place}/unplug").close()
            dut.infer(given)
"""


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes and claims are of this test alone, and labgrid is found."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("LABGRID", str(LABGRID))
    monkeypatch.delenv("LG_ENV", raising=False)


@pytest.mark.usefixtures("own_state")
def test_a_board_that_dies_fails_its_test_alone_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD, "-q", "-o", str(project)]) == 0
    boards = {name: BenchBoard(BOARD, project / "build" / "firmware.elf") for name in BOARDS}
    for board in boards.values():
        board.on()
    with FarmBench(tmp_path / "farm", boards) as farm:
        monkeypatch.setenv("LG_COORDINATOR", farm.coordinator)
        tests = TESTS.replace("URL", farm.url).replace("VICTIM", VICTIM)
        inner = Inner(tmp_path / "inner", tests, f"fwgen_project = {project}\n")
        options = ("--fwgen-runner=labgrid", "--fwgen-require", "--fwgen-logs=logs")
        done = inner.run(*options, "-n4", xdist=True)
        assert "reservation" not in farm.client("reservations").lower()
    assert done.counts == {"passed": 7, "failed": 1}, done.text
    assert f"place {VICTIM} of {farm.coordinator}" in done.failures
    assert "The serial port is gone" in done.failures
    places = Counter(told["fwgen.place"].split()[1] for told in done.properties.values())
    assert set(places) == {*BOARDS} and places[VICTIM] == 1
    assert {told["fwgen.runner"] for told in done.properties.values()} == {"labgrid"}
    saved = sorted((inner.folder / "logs").glob("*/values.npz"))
    assert len(saved) == 8
    with Oracle(DIGITS.read_bytes()) as oracle:
        for path in saved:
            given, *outputs = np.load(path).values()
            expected = oracle.invoke([given.astype(np.int8)])
            for one, other in zip(outputs, expected, strict=True):
                assert np.array_equal(one, other)


ONE = """
    import numpy as np
    import pytest

    @pytest.mark.parametrize("number", range(2))
    def test_board(dut, number):
        dut.infer(np.full(64, number))
        assert dut.place.startswith("place only of ")
"""


@pytest.mark.usefixtures("own_state")
def test_processes_take_turns_at_a_place_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD, "-q", "-o", str(project)]) == 0
    board = BenchBoard(BOARD, project / "build" / "firmware.elf")
    board.on()
    with FarmBench(tmp_path / "farm", {"only": board}) as farm:
        monkeypatch.setenv("LG_COORDINATOR", farm.coordinator)
        inner = Inner(tmp_path / "inner", ONE, f"fwgen_project = {project}\n")
        done = inner.run("--fwgen-place=only", "--fwgen-require", "-n2", xdist=True)
        assert done.counts == {"passed": 2}, done.text
        assert re.search("only", farm.client("places")) and "only" not in farm.client("who")
