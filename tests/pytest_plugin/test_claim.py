"""Claims: of all processes that want a device, one at a time has it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fwgen.errors import DeviceUnavailable
from fwgen.pytest_plugin.bench_file import Attached, attached
from fwgen.pytest_plugin.claim import claimed
from tests.conftest import ROOT

CLAIM = """
import sys, time
from fwgen.pytest_plugin.bench_file import attached
from fwgen.pytest_plugin.claim import claimed

devices = [attached("b", ("--port", port)) for port in sys.argv[2].split(",")]
for _ in range(int(sys.argv[1])):
    with claimed(devices, 60.0) as device:
        path = f"owner-{device.key}"
        with open(path, "x"):  # fails if somebody else has the device
            print(device.key, flush=True)
            time.sleep(float(sys.argv[3]))
        import os
        os.unlink(path)
"""


@pytest.fixture(autouse=True)
def own_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims of this test alone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


def start(folder: Path, times: int, ports: str, hold_s: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(times), ports, str(hold_s)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_processes_that_race_for_two_devices_have_each_alone(tmp_path: Path) -> None:
    racing = [start(tmp_path, 25, "one,two", 0.001) for _ in range(6)]
    ended = [process.communicate(timeout=120) for process in racing]
    assert [process.returncode for process in racing] == [0] * 6, ended
    had = "".join(out for out, _ in ended).split()
    assert len(had) == 6 * 25 and set(had) == {"one", "two"}


def test_the_owner_is_named_and_its_claim_ends_with_it(tmp_path: Path) -> None:
    device = attached("b", ("--port", "one"))
    owner = start(tmp_path, 1, "one", 60)
    try:
        assert owner.stdout is not None and owner.stdout.readline() == "one\n"
        with pytest.raises(DeviceUnavailable) as busy, claimed([device], 0.2):
            pass
        assert f"one by process {owner.pid}" in str(busy.value) and "0.2 s" in str(busy.value)
        with claimed([device, attached("b", ("--port", "two"))], 0.0) as other:
            assert other.key == "two"
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        with claimed([device], 5.0) as mine:
            assert mine is device
    finally:
        owner.kill()
        owner.communicate()


def test_a_simulator_is_always_free() -> None:
    simulator = attached("b", ("--runner", "qemu"))
    began = time.monotonic()
    with claimed([simulator], 60.0) as one, claimed([simulator], 60.0) as other:
        assert one is other is simulator
    assert time.monotonic() - began < 30


def test_a_claim_ends_when_its_test_fails() -> None:
    device = Attached("b", (), "three")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), claimed([device], 0.0):
            raise ZeroDivisionError
