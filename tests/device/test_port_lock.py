"""Locks of ports: one owner at a time, whom the others are told; none is left by who is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fwgen.device.serial.port_lock import PortLock
from fwgen.errors import DeviceUnavailable
from tests.conftest import ROOT

RACERS = 8
ROUNDS = 200

# Each line that it reads says what to do; it answers "got", or what it is told of the owner.
RACER = """
import sys
from fwgen.device.serial.port_lock import PortLock
from fwgen.errors import DeviceUnavailable
print("ready", flush=True)
lock = None
for line in sys.stdin:
    if line == "take\\n":
        try:
            lock = PortLock("board", "/dev/board")
            print("got", flush=True)
        except DeviceUnavailable as busy:
            print(busy.exit_code, busy.what, flush=True)
    else:
        lock.release()
        print("released", flush=True)
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "fwgen" / "ports"


class Racer:
    """A process that takes the lock when it is told to."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RACER, "--racing"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=os.environ | {"PYTHONPATH": str(ROOT), "USER": "ada"},
        )

    def say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def racing(count: int) -> Iterator[list[Racer]]:
    racers = [Racer() for _ in range(count)]
    try:
        for racer in racers:
            assert racer.answer() == "ready"
        yield racers
    finally:
        for racer in racers:
            racer.end()


def test_of_eight_processes_one_owns_the_port_each_time() -> None:
    with racing(RACERS) as racers:
        for round_ in range(ROUNDS):
            order = racers[round_ % RACERS :] + racers[: round_ % RACERS]
            for racer in order:
                racer.say("take")
            answers = [racer.answer() for racer in order]
            assert answers.count("got") == 1, answers
            owner = order[answers.index("got")]
            told = f"6 The port is used by pid {owner.process.pid} of ada (-c --racing) since "
            assert all(each == "got" or each.startswith(told) for each in answers), answers
            owner.say("release")
            assert owner.answer() == "released"


def test_an_owner_that_is_killed_leaves_no_lock(state: Path) -> None:
    with racing(1) as [racer]:
        racer.say("take")
        assert racer.answer() == "got"
        with pytest.raises(DeviceUnavailable, match=f"pid {racer.process.pid} ") as busy:
            PortLock("board", "/dev/board")
        assert busy.value.at == "/dev/board"
        assert f"kill {racer.process.pid}, if" in busy.value.tries[-1]
        racer.process.send_signal(signal.SIGKILL)
        racer.process.wait()
        lock = PortLock("board", "/dev/board")
        other = PortLock("another board", "/dev/other")
        assert sorted(path.name for path in state.glob("*.json")) == [
            "another_board.owner.json",
            "board.owner.json",
        ]
        for each in (lock, other, lock):
            each.release()
    assert not [*state.glob("*.json")]


def test_an_owner_whose_note_is_damaged_is_told_without_a_name(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fwgen.device.serial.port_lock.NOTE_S", 0.1)
    lock = PortLock("board", "/dev/board")
    for text in ("", "{}", "[1]", '{"pid": "x", "user": "", "command": "", "since": ""}'):
        (state / "board.owner.json").write_text(text)
        with pytest.raises(DeviceUnavailable, match="used by another process of fwgen's"):
            PortLock("board", "/dev/board")
    lock.release()


def test_keys_are_names_of_files_whatever_they_have(state: Path) -> None:
    for key in ("/dev/ttyACM0", "../../x", "rfc2217://h:1", "usb-0483-\N{SNOWMAN} \0:1.2", "."):
        PortLock(key, key).release()
    assert all(path.parent == state for path in state.rglob("*"))


def test_where_no_folder_can_be_made_the_error_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(DeviceUnavailable, match="no folder") as error:
        PortLock("board", "/dev/board")
    assert "XDG_STATE_HOME=" in error.value.tries[0]
