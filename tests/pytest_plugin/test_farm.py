"""A farm of four boards, one of which dies: labgrid gives them to the processes of pytest-xdist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fwgen.cli import main
from fwgen.host.oracle import Oracle
from tests.conftest import OWN_MODELS
from tests.device.farm.bench_board import FlashedBoard
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


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose image is built."""
    folder = tmp_path_factory.mktemp("built") / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD, "-q", "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def farm(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmBench]:
    """Four boards with the project's image that are on."""
    image = project / "build" / "firmware.elf"
    boards = {name: FlashedBoard(BOARD, image) for name in BOARDS}
    for board in boards.values():
        board.on()
    with FarmBench(tmp_path_factory.mktemp("farm"), boards) as made:
        yield made


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, farm: FarmBench) -> None:
    """Notes and claims are of this test alone, and labgrid is found."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("LABGRID", str(LABGRID))
    monkeypatch.setenv("LG_COORDINATOR", farm.coordinator)
    monkeypatch.delenv("LG_ENV", raising=False)


ONE = """
    import numpy as np
    import pytest

    @pytest.mark.parametrize("number", range(2))
    def test_board(dut, number):
        dut.infer(np.full(64, number))
        assert dut.place.startswith("place north of ")
"""


def test_processes_take_turns_at_a_place_that_is_named(
    project: Path, farm: FarmBench, tmp_path: Path
) -> None:
    inner = Inner(tmp_path / "inner", ONE, f"fwgen_project = {project}\n")
    done = inner.run("--fwgen-place=north", "--fwgen-require", "-n2", xdist=True)
    assert done.counts == {"passed": 2}, done.text
    assert farm.told().count("north: place released") == 2


def test_a_board_that_dies_fails_its_test_alone_and_the_others_go_on(
    project: Path, farm: FarmBench, tmp_path: Path
) -> None:
    """The last of these tests."""
    tests = TESTS.replace("URL", farm.url).replace("VICTIM", VICTIM)
    inner = Inner(tmp_path / "inner", tests, f"fwgen_project = {project}\n")
    options = ("--fwgen-runner=labgrid", "--fwgen-require", "--fwgen-logs=logs")
    done = inner.run(*options, "-n4", xdist=True)
    assert done.counts == {"passed": 7, "failed": 1}, done.text
    assert f"place {VICTIM} of {farm.coordinator}" in done.failures
    assert "The serial port is gone" in done.failures
    told = farm.told()
    assert told.count(": place acquired") == told.count(": place released") >= 8
    places = Counter(test["fwgen.place"].split()[1] for test in done.properties.values())
    assert set(places) == {*BOARDS} and places[VICTIM] == 1
    assert {test["fwgen.runner"] for test in done.properties.values()} == {"labgrid"}
    saved = sorted((inner.folder / "logs").glob("*/values.npz"))
    assert len(saved) == 8
    with Oracle(DIGITS.read_bytes()) as oracle:
        for path in saved:
            given, *outputs = np.load(path).values()
            expected = oracle.invoke([given.astype(np.int8)])
            for one, other in zip(outputs, expected, strict=True):
                assert np.array_equal(one, other)
