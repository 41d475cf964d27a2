"""Runners against stand-ins for the simulators: every run ends, says why, and leaves no process."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_device import BUILD, Device

from fwgen.board import load_board
from fwgen.errors import DeviceUnavailable, FwgenError, UsageError
from fwgen.link import Timeouts
from fwgen.link.faults import (
    BootTimeout,
    Disconnected,
    FirmwareFault,
    NoAnswer,
    WrongBuild,
)
from fwgen.run import RUNNERS, Session, find_runner, open_session
from fwgen.run.qemu import instructions

SIMULATOR = Path(__file__).with_name("fake_simulator.py")
BOARD = load_board("corstone-300")
IMAGE = Path("image.elf")
QUICK = Timeouts(boot_s=4.0, command_s=0.5, resync_s=0.5)

pytestmark = pytest.mark.timeout(60)

Simulate = Callable[..., None]


@pytest.fixture
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which stand-ins note their process ids."""
    path = tmp_path / "pids"
    path.touch()
    monkeypatch.setenv("FAKE_PIDS", str(path))
    return path


@pytest.fixture
def simulate(tmp_path: Path, pids: Path, monkeypatch: pytest.MonkeyPatch) -> Simulate:
    """Put a stand-in in the place of a program, in a mode of ``fake_simulator``."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for runner in RUNNERS.values():
        monkeypatch.setattr(runner, "timeouts", QUICK, raising=False)

    def install(mode: str, program: str = "qemu-system-arm") -> None:
        path = tmp_path / program
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{SIMULATOR}" "{mode}" "$@"\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return install


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and only waits to be asked about does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: Path, least: int = 1) -> None:
    """Returns when all processes that were noted are gone; the test's timeout ends the wait."""
    noted = [int(line) for line in pids.read_text().split()]
    assert len(noted) >= least
    while any(alive(pid) for pid in noted):
        time.sleep(0.02)


def use(session: Session) -> None:
    """Load, run and check everything that a stand-in's device computes."""
    device = Device(inputs=session.info.input_bytes)
    data = (bytes(range(256)) * (device.inputs // 256 + 1))[: device.inputs]  # every byte value
    session.link.load(data)
    assert session.link.run() == device.ticks_of(data)
    assert session.link.outputs() == device.result_of(data)


def test_a_session_on_qemu_returns_numbers_and_leaves_nothing(
    simulate: Simulate, pids: Path
) -> None:
    simulate("session")
    with open_session(BOARD, IMAGE, build=BUILD) as session:
        assert session.runner.name == "qemu"
        assert session.counter is not None and session.counter.unit == "instructions"
        use(session)
    wait_until_gone(pids)


def test_grandchildren_do_not_outlive_a_session(simulate: Simulate, pids: Path) -> None:
    simulate("family")
    with pytest.raises(RuntimeError), open_session(BOARD, IMAGE) as session:
        use(session)
        raise RuntimeError
    wait_until_gone(pids, least=2)


def test_an_input_larger_than_any_pipe_arrives(simulate: Simulate) -> None:
    simulate("session=1000000")
    with open_session(BOARD, IMAGE) as session:
        use(session)


@pytest.mark.parametrize(
    ("mode", "error", "text"),
    [
        ("silent", BootTimeout, "nothing within 4 s"),
        ("flood", BootTimeout, "does not answer"),
        ("flood=lines", BootTimeout, "does not answer"),
        ("stop=0", BootTimeout, "nothing"),
        ("stop=30", BootTimeout, "does not answer"),
        ("stop=62", BootTimeout, "does not answer"),
        ("stop=130", NoAnswer, "did not find its place"),
        ("lockup", FirmwareFault, "Lockup: can't escalate 3 to HardFault"),
        ("refuse", DeviceUnavailable, "unsupported machine type"),
        ("exit", Disconnected, "exit code 3"),
    ],
)
def test_whatever_qemu_does_the_run_ends_and_says_why(
    mode: str, error: type[FwgenError], text: str, simulate: Simulate, pids: Path
) -> None:
    simulate(mode)
    with pytest.raises(error, match=text), open_session(BOARD, IMAGE) as session:
        use(session)
        session.link.end()
        session.link.info()
    wait_until_gone(pids)
