"""Fixtures that put stand-ins (fake_simulator.py) in the place of simulators."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fwgen.device.link import Timeouts
from fwgen.device.run import RUNNERS, Session
from tests.device.fake_device import Device

ROOT = Path(__file__).parents[2]
QUICK = Timeouts(boot_s=3.0, command_s=0.5, resync_s=0.5)

Simulate = Callable[..., Path]


@pytest.fixture(name="pids")
def pids_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which stand-ins note their process ids."""
    path = tmp_path / "pids"
    path.touch()
    monkeypatch.setenv("FAKE_PIDS", str(path))
    return path


@pytest.fixture(name="simulate")
def simulate_fixture(tmp_path: Path, pids: Path, monkeypatch: pytest.MonkeyPatch) -> Simulate:
    """Put a stand-in in the place of a program, in a mode of ``fake_simulator``."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for runner in RUNNERS.values():
        monkeypatch.setattr(runner, "timeouts", QUICK, raising=False)

    def install(mode: str, program: str = "qemu-system-arm") -> Path:
        path = tmp_path / program
        path.write_text(
            f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\n'
            f'exec "{sys.executable}" -m tests.device.fake_simulator {shlex.quote(mode)} "$@"\n'
        )
        path.chmod(0o755)
        return path

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
    ticks = session.link.run()
    device.runs = 1
    assert ticks == device.ticks_of(data)
    assert session.link.outputs() == device.result_of(data)
