"""The runner ``labgrid`` from end to end: labgrid's own programs, ser2net, and boards on QEMU."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fwgen.cli import main
from fwgen.device.farm.held_place import HeldPlace, PlaceWish
from fwgen.device.farm.labgrid_python import find_python
from fwgen.device.farm.unwell_places import unwell
from tests.conftest import OWN_MODELS, ROOT, Fwgen
from tests.device.farm.bench_board import BenchBoard, EmptyBoard, FlashedBoard
from tests.device.farm.farm_bench import LABGRID, FarmBench

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
BOARD = "mps2-an386"
QUICK = ("--boot-timeout", 1.5)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose image is built."""
    folder = tmp_path_factory.mktemp("built") / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD, "-q", "-o", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def bench(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarmBench]:
    """Two boards with the project's image that are on, and an empty one."""
    image = project / "build" / "firmware.elf"
    boards: dict[str, BenchBoard] = {
        "left": FlashedBoard(BOARD, image),
        "right": FlashedBoard(BOARD, image),
        "empty": EmptyBoard(BOARD),
    }
    for board in boards.values():
        board.on()
    with FarmBench(tmp_path_factory.mktemp("farm"), boards) as made:
        yield made


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bench: FarmBench) -> None:
    """Notes are of this test alone, and labgrid is found."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LABGRID", str(LABGRID))
    monkeypatch.setenv("LG_COORDINATOR", bench.coordinator)
    monkeypatch.delenv("LG_ENV", raising=False)


def ran(fwgen: Fwgen, tmp_path: Path, *words: object) -> tuple[dict[str, object], str]:
    """The result of a run, and the name of the place that it was on, "" for a simulator."""
    done = fwgen(*words, "--json", tmp_path / "result.json")
    assert done.returncode == 0, done.stderr
    place = re.search(r"boot .* on labgrid, place (\S+) of \S+:\d+$", done.stderr, re.MULTILINE)
    result: dict[str, object] = json.loads((tmp_path / "result.json").read_text())
    return result, place[1] if place else ""


def held(bench: FarmBench) -> str:
    """Who has which place, and which reservations there are; "" for none."""
    _, *owners = bench.client("who").splitlines()
    return "".join([*owners, bench.client("reservations")]).strip()


def test_a_board_that_the_farm_chooses_computes_what_its_simulator_does(
    fwgen: Fwgen, project: Path, bench: FarmBench, tmp_path: Path
) -> None:
    """The place is given back, with the reservation by which it was got."""
    here, simulated = ran(fwgen, tmp_path, "run", project)
    there, place = ran(fwgen, tmp_path, "run", project, "--runner", "labgrid", *QUICK)
    assert simulated == "" and place in bench.boards and there["runner"] == "labgrid"
    for key in ("outputs", "build_id", "ops"):
        assert there[key] == here[key]
    assert there["place"] == f"place {place} of {bench.coordinator}" and "place" not in here
    assert held(bench) == ""


def test_a_board_that_is_dead_is_told_and_others_are_tried_before_it(
    fwgen: Fwgen, project: Path, bench: FarmBench, tmp_path: Path
) -> None:
    """labgrid would give the same place again and again while it is free."""
    any_place = ("run", project, "--place", f"board={BOARD}", "--power", "never", *QUICK)
    for name in ("left", "right"):
        bench.boards[name].off()
    dark = fwgen(*any_place)
    assert dark.returncode == 7 and "The firmware said nothing" in dark.stderr
    told = re.search(rf"place (left|right) of {bench.coordinator}", dark.stderr)
    assert told and unwell(bench.coordinator) == [told[1]]
    dead, other = told[1], "left" if told[1] == "right" else "right"
    bench.boards[other].on()
    assert ran(fwgen, tmp_path, *any_place)[1] == other
    switched = bench.boards[dead].switched
    assert ran(fwgen, tmp_path, "run", project, "--place", f"{dead}-alias", *QUICK)[1] == dead
    assert bench.boards[dead].switched == switched + 1
    assert unwell(bench.coordinator) == [] and held(bench) == ""


def test_power_is_switched_where_there_is_a_switch_and_it_is_asked_for(
    fwgen: Fwgen, project: Path, bench: FarmBench, tmp_path: Path
) -> None:
    always = ("--power", "always", *QUICK)
    board = bench.boards["left"]
    switched = board.switched
    assert ran(fwgen, tmp_path, "run", project, "--place", "left", *always)[1] == "left"
    assert board.switched == switched + 1
    done = fwgen("run", project, "--place", "empty", *always)
    assert done.returncode == 6 and "nothing that switches the power" in done.stderr
    assert "empty" in done.stderr and held(bench) == ""


def test_a_place_that_was_acquired_by_hand_is_used_and_stays_so(
    fwgen: Fwgen, project: Path, bench: FarmBench, tmp_path: Path
) -> None:
    assert "acquired place left" in bench.client("-p", "left", "acquire")
    try:
        _, place = ran(fwgen, tmp_path, "run", project, "--place", "left", *QUICK)
        assert place == "left" and re.search(r"\bleft\b", held(bench))
    finally:
        bench.client("-p", "left", "release")


def test_who_has_a_place_is_told_to_those_who_wait_in_vain(
    fwgen: Fwgen, project: Path, bench: FarmBench
) -> None:
    python = find_python(None)
    place = HeldPlace(python, bench.coordinator, PlaceWish("right"))
    try:
        done = fwgen("run", project, "--place", "right", "--place-timeout", 0.5)
        assert done.returncode == 6 and "No place became free in time" in done.stderr
        assert re.search(r"right: \S+/\S+", done.stderr), done.stderr
    finally:
        place.release()
    assert held(bench) == ""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_place_is_given_back_however_its_user_ends(
    project: Path, bench: FarmBench, stop: signal.Signals
) -> None:
    """The user is a command that waits for an empty board to say something."""
    words = ["run", project, "--place", "empty", "--boot-timeout", 100]
    before = len(bench.told())
    process = subprocess.Popen(
        [sys.executable, "-m", "fwgen", *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    wait_until(lambda: "empty: place acquired" in bench.told()[before:])
    process.send_signal(stop)
    assert process.wait(60) == (130 if stop is signal.SIGINT else -stop)
    wait_until(lambda: "empty: place released" in bench.told()[before:])
    assert held(bench) == ""


def wait_until(true: Callable[[], bool]) -> None:
    """The test's own timeout ends the wait."""
    while not true():
        time.sleep(0.1)


def test_an_empty_board_is_written_through_the_server_at_its_place(
    fwgen: Fwgen, project: Path, bench: FarmBench, tmp_path: Path
) -> None:
    """The resource's name says which flasher: ``gdb``."""
    try:
        words = ("run", project, "--place", "empty", *QUICK)
        assert ran(fwgen, tmp_path, *words)[1] == "empty"
    finally:
        bench.boards["empty"].off()
        bench.boards["empty"].on()


DRIVER = """
    import shutil

    import attr
    from labgrid import target_factory
    from labgrid.driver.common import Driver
    from labgrid.protocol import BootstrapProtocol

    @target_factory.reg_driver
    @attr.s(eq=False)
    class CopyDriver(Driver, BootstrapProtocol):
        to = attr.ib(validator=attr.validators.instance_of(str))

        @Driver.check_active
        def load(self, filename=None):
            shutil.copy(filename, self.to)
"""


def test_another_image_is_replaced_by_the_driver_of_labgrids_environment(
    fwgen: Fwgen, bench: FarmBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A board whose flash is a file, which is read when it is switched on."""
    other, flash = tmp_path / "other", tmp_path / "flash"
    options = ("-b", BOARD, "--canaries", "-q", "-o", other)
    assert fwgen("build", DIGITS, *options).returncode == 0
    run = ("run", other, "--place", "right", *QUICK)
    stale = fwgen(*run)
    assert stale.returncode == 7 and "The device runs build" in stale.stderr
    (tmp_path / "driver.py").write_text(textwrap.dedent(DRIVER))
    target = {"resources": {"RemotePlace": {"name": "right"}}, "drivers": {}}
    target["drivers"] = {"CopyDriver": {"to": str(flash)}}
    environment = {"targets": {"main": target}, "imports": [str(tmp_path / "driver.py")]}
    (tmp_path / "env.yaml").write_text(json.dumps(environment))
    monkeypatch.setenv("LG_ENV", str(tmp_path / "env.yaml"))
    board = bench.boards["right"]
    assert isinstance(board, FlashedBoard)
    before, board.image = board.image, flash
    try:
        _, place = ran(fwgen, tmp_path, *run)
        assert place == "right" and flash.read_bytes() == project_elf(other).read_bytes()
    finally:
        board.image = before
        board.off()


def project_elf(project: Path) -> Path:
    """The image of a project."""
    return project / "build" / "firmware.elf"


def test_what_is_not_there_is_told(
    fwgen: Fwgen, project: Path, bench: FarmBench, tmp_path: Path
) -> None:
    for wish, told in (
        ("attic", "No places are called attic."),
        ("floor=attic", "No place has floor=attic."),
        ("+ABCDEFGHIJ", "No places are called +ABCDEFGHIJ."),
    ):
        done = fwgen("run", project, "--place", wish)
        assert done.returncode == 2 and told in done.stderr and "right board=" in done.stderr
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = f"127.0.0.1:{listener.getsockname()[1]}"
    done = fwgen("run", project, "--runner", "labgrid", "--coordinator", free)
    assert done.returncode == 6 and "No coordinator of labgrid answers" in done.stderr
    assert free in done.stderr
    done = fwgen("run", project, "--runner", "labgrid", "--labgrid", tmp_path)
    assert done.returncode == 6 and "labgrid is not installed" in done.stderr
    assert "pip install labgrid" in done.stderr
    done = fwgen("run", project, "--place", "left", "--port", "/dev/ttyACM0")
    assert done.returncode == 2 and "No runner has all of --port, --place." in done.stderr
    for option, value in (("--power", "sometimes"), ("--place-timeout", "-1"), ("--place", "=b")):
        done = fwgen("run", project, "--runner", "labgrid", f"{option}={value}")
        assert done.returncode == 2 and option in done.stderr, done.stderr


def test_boards_whose_machine_is_gone_are_told(fwgen: Fwgen, project: Path, tmp_path: Path) -> None:
    with FarmBench(tmp_path / "farm", {"far": EmptyBoard(BOARD)}) as bench:
        bench.stop_exporter()
        done = fwgen("run", project, "--place", "far", "--coordinator", bench.coordinator)
        assert done.returncode == 7 and "The place could not be acquired" in done.stderr
        assert "has no matching remote resource" in done.stderr
        assert held(bench) == "" and unwell(bench.coordinator) == ["far"]
