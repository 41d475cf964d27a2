"""The contract of runners: a sample file is put into a copy of fwgen, and nothing else is edited.

The sample (samples/wire.py) is no child process: it talks over a socket, has phases that simulators
lack, a section of the board file and an option.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import fwgen
from fwgen.board import load_board
from fwgen.device import run
from fwgen.device.run import RUNNERS, find_runner
from fwgen.device.run.runner import Capability, Choice, Runner
from fwgen.errors import UsageError
from tests.conftest import OWN_MODELS, ROOT

SAMPLE = Path(__file__).parents[1] / "samples" / "wire.py"
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
BOARD = """\
name = "far-away"
title = "A native board at the other end of a wire"
platform = "host"

[cpu]
name = "host"

[wire]
greeting = "hello"
"""


class Device(threading.Thread):
    """What the sample talks to: keeps an image, and runs it on the line once it is reset."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.did: list[str] = []
        self.cut = False
        self._image = folder / "flash"
        self._line: socket.socket | None = None
        self._processes: list[subprocess.Popen[bytes]] = []

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:  # it is closed
                return
            connection.sendall(b"hello\n")
            with connection.makefile("rb") as said:
                words = said.readline().decode().split()
                self.did.append(words[0])
                if words[0] == "talk":
                    self._line = connection
                    continue
                if words[0] == "flash":
                    self._image.write_bytes(said.read(int(words[1])))
                    self._image.chmod(0o755)
                else:
                    self._start()
            connection.sendall(b"done\n")
            connection.close()

    def _start(self) -> None:
        assert self._line is not None, "reset before anybody listens"
        if not self.cut:
            line = self._line.fileno()
            self._processes.append(subprocess.Popen([self._image], stdin=line, stdout=line))
        self._line.close()

    def close(self) -> None:
        self.listener.close()
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    device = Device(tmp_path)
    device.start()
    yield device
    device.close()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of fwgen with the sample, and a board for it."""
    folder = tmp_path_factory.mktemp("copy")
    package = Path(fwgen.__file__).parent
    shutil.copytree(package, folder / "fwgen", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("templates", "boards", "LICENSE"):
        (folder / name).symlink_to(ROOT / name)
    runners = Path(run.__file__).parent.relative_to(package.parent)
    shutil.copy(SAMPLE, folder / runners)
    (folder / "far.toml").write_text(BOARD)
    done = call(folder, "build", DIGITS, "-b", "far.toml", "-o", "project", "-q")
    assert done.returncode == 0, done.stderr
    return folder


def call(copy: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """A command of the copy."""
    environment = os.environ | {"PYTHONPATH": str(copy)}
    return subprocess.run(
        [sys.executable, "-m", "fwgen", *map(str, words)],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_device_at_a_socket_is_flashed_reset_and_verified(copy: Path, device: Device) -> None:
    done = call(
        copy, "verify", "project", "--runner", "wire", "--wire", device.port, "--inputs", "2"
    )
    assert done.returncode == 0, done.stderr
    assert device.did == ["flash", "talk", "reset"]


def test_a_launch_without_flash_leaves_the_firmware_as_it_is(copy: Path, device: Device) -> None:
    """It shows what passes on the line, too."""
    asked = (
        "from pathlib import Path\n"
        "from fwgen.build.built_project import open_project\n"
        f"from {run.__name__} import open_session\n"
        f"from {run.__name__}.runner import Choice, Launch\n"
        "class Seen(bytearray):\n"
        "    told = heard = bytearray.extend\n"
        "project, seen = open_project(Path('project')), Seen()\n"
        f"choice = Choice('wire', {{'--wire': '{device.port}'}})\n"
        "launch = Launch(project.board, project.elf, choice, flash=FLASH, transcript=seen)\n"
        "with open_session(launch) as session:\n"
        "    session.link.stack()\n"
        "print(seen.decode())"
    )
    environment = os.environ | {"PYTHONPATH": str(copy)}
    for flash in (True, False):
        words = [sys.executable, "-c", asked.replace("FLASH", str(flash))]
        done = subprocess.run(
            words, cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "fw-info @" in done.stdout and "m-fw-info-[" in done.stdout
    assert device.did == ["flash", "talk", "reset", "talk", "reset"]


def test_its_section_is_checked_like_any_other(copy: Path) -> None:
    for line, told in (
        ('greeting = "hello"\nspeed = 9', "wire.speed"),
        ('greeting = "hello"\nwait_s = "9"', "wire.wait_s"),
        ("", "the key is missing, expected a word"),
    ):
        (copy / "wrong.toml").write_text(BOARD.replace('greeting = "hello"', line))
        done = call(copy, "build", DIGITS, "-b", "wrong.toml", "--dump", "plan")
        assert done.returncode == 2 and told in done.stderr, done.stderr


def test_without_the_file_nobody_owns_the_section(tmp_path: Path) -> None:
    (tmp_path / "far.toml").write_text(BOARD)
    with pytest.raises(UsageError, match=r"unknown key, expected one of .*\[qemu\]"):
        load_board(str(tmp_path / "far.toml"))


def test_its_option_is_in_the_help_and_its_alone(copy: Path) -> None:
    help_text = call(copy, "run", "--help").stdout
    assert "--wire PORT" in help_text and "of the runner wire" in help_text
    assert "or wire (default" in " ".join(help_text.split())
    done = call(copy, "run", "project", "--runner", "host", "--wire", "1")
    assert done.returncode == 2
    assert "--wire says nothing to the runner host" in done.stderr
    assert "--runner wire, whose option it is" in done.stderr


def test_what_it_lacks_is_told_before_anything_starts(copy: Path, device: Device) -> None:
    done = call(copy, "run", "project", "--runner", "wire")
    assert done.returncode == 6 and "leads nowhere" in done.stderr and "--wire PORT" in done.stderr
    asked = (
        "from fwgen.board import load_board\n"
        f"from {run.__name__} import find_runner\n"
        f"from {run.__name__}.runner import Capability, Choice\n"
        "board = load_board('far.toml')\n"
        f"options, needs = {{'--wire': '{device.port}'}}, frozenset({{Capability.RECORD}})\n"
        "find_runner(board, Choice('wire', options, needs))"
    )
    environment = os.environ | {"PYTHONPATH": str(copy)}
    words = [sys.executable, "-c", asked]
    done = subprocess.run(
        words, cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert "Runner wire cannot record what is executed." in done.stderr
    assert "another board: no runner of far-away can" in done.stderr
    assert device.did == []


def test_a_wire_that_is_cut_says_what_its_runner_knows(copy: Path, device: Device) -> None:
    device.cut = True
    done = call(copy, "run", "project", "--runner", "wire", "--wire", device.port)
    assert done.returncode == 7, done.stderr
    assert "The wire was cut." in done.stderr and "look at the plug" in done.stderr


@pytest.mark.parametrize("runner", RUNNERS.values(), ids=lambda runner: runner.name)
def test_every_runner_keeps_the_contract(runner: Runner) -> None:
    assert isinstance(runner, Runner) and runner.name and runner.capabilities <= {*Capability}
    flags = [option.flag for option in runner.options]
    assert len(set(flags)) == len(flags)
    for option in runner.options:
        assert option.flag.startswith("--")
        alike = {o for r in RUNNERS.values() for o in r.options if o.flag == option.flag}
        assert alike == {option}, "an option of several runners is the same one"
    boards = ("host", "corstone-300", "mps2-an386", "corstone-320")
    assert any(runner.suits(load_board(board)) for board in boards)


@pytest.mark.parametrize(
    ("board", "name", "need"),
    [
        ("host", "host", Capability.COUNTERS),
        ("host", "host", Capability.FLASH),
        ("corstone-300", "fvp", Capability.RECORD),
        ("corstone-300", "qemu", Capability.FLASH),
    ],
)
def test_a_capability_that_is_lacking_is_a_sentence(
    board: str, name: str, need: Capability
) -> None:
    with pytest.raises(UsageError, match=f"Runner {name} cannot {need.value}"):
        find_runner(load_board(board), Choice(name, needs=frozenset({need})))


def test_the_default_runner_is_one_that_can_do_what_is_asked() -> None:
    board = load_board("corstone-300")
    assert find_runner(board, Choice(needs=frozenset({Capability.RECORD}))).name == "qemu"
