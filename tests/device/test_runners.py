"""Runners against stand-ins for the simulators: every run ends, says why, and leaves no process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.device.link.faults import (
    BootTimeout,
    Disconnected,
    FirmwareFault,
    NoAnswer,
    OutOfTime,
    WrongBuild,
)
from fwgen.device.run import find_runner, open_session
from fwgen.device.run.qemu import RUNNER as QEMU
from fwgen.device.run.qemu import instructions
from fwgen.device.run.runner import Choice, Launch
from fwgen.errors import DeviceUnavailable, FwgenError, UsageError
from tests.device.fake_device import BUILD
from tests.device.stand_ins import (  # noqa: F401
    ROOT,
    Simulate,
    pids_fixture,
    simulate_fixture,
    use,
    wait_until_gone,
)

BOARD = load_board("corstone-300")
IMAGE = Path("image.elf")


def test_a_session_on_qemu_returns_numbers_and_leaves_nothing(
    simulate: Simulate, pids: Path
) -> None:
    simulate("session")
    files = os.listdir("/proc/self/fd")
    with open_session(Launch(BOARD, IMAGE, build=BUILD)) as session:
        assert session.runner.name == "qemu"
        assert session.counter is not None and session.counter.unit == "instructions"
        use(session)
    wait_until_gone(pids)
    assert os.listdir("/proc/self/fd") == files


def test_grandchildren_do_not_outlive_a_session(simulate: Simulate, pids: Path) -> None:
    simulate("family")
    with pytest.raises(RuntimeError), open_session(Launch(BOARD, IMAGE)) as session:
        use(session)
        raise RuntimeError
    wait_until_gone(pids, least=2)


def test_an_input_larger_than_any_pipe_arrives(simulate: Simulate) -> None:
    simulate("session=1000000")
    with open_session(Launch(BOARD, IMAGE)) as session:
        use(session)


@pytest.mark.parametrize(
    ("mode", "error", "text"),
    [
        ("silent", BootTimeout, "nothing within 3 s"),
        ("flood", BootTimeout, "does not answer"),
        ("flood=lines", BootTimeout, "does not answer"),
        ("stop=0", BootTimeout, "nothing"),
        ("stop=30", BootTimeout, "does not answer"),
        ("stop=62", BootTimeout, "does not answer"),
        ("stop=130", NoAnswer, "did not answer"),
        ("lockup", FirmwareFault, "Lockup: can't escalate 3 to HardFault"),
        ("refuse", DeviceUnavailable, "unsupported machine type"),
        ("exit=3 out of\x1b[2J luck", Disconnected, r"exit code 3: out of\?\[2J luck"),
    ],
)
def test_whatever_qemu_does_the_run_ends_and_says_why(
    mode: str, error: type[FwgenError], text: str, simulate: Simulate, pids: Path
) -> None:
    simulate(mode)
    with (
        pytest.raises(error, match=text) as caught,
        open_session(Launch(BOARD, IMAGE)) as session,
    ):
        use(session)
        session.link.end()
        session.link.info()
    assert (error is BootTimeout) == ("check [uart]" in str(caught.value))
    wait_until_gone(pids)


def test_the_last_words_of_a_device_are_read_before_the_end_of_its_process(
    simulate: Simulate,
) -> None:
    """A fault line and the end come together: the fault is what counts."""
    simulate("fault")
    with (
        pytest.raises(FirmwareFault, match="bus-error"),
        open_session(Launch(BOARD, IMAGE)) as session,
    ):
        use(session)


def test_a_device_that_takes_no_bytes_ends_the_run(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch, pids: Path
) -> None:
    monkeypatch.setattr("fwgen.device.run.process.STALL_S", 0.3)
    simulate("deaf")
    with (
        pytest.raises(NoAnswer, match="takes no bytes"),
        open_session(Launch(BOARD, IMAGE)) as session,
    ):
        session.link.load(bytes(200_000))
    wait_until_gone(pids)


def test_a_session_that_takes_too_long_ends(simulate: Simulate, pids: Path) -> None:
    simulate("session")
    with (
        pytest.raises(OutOfTime, match=r"took longer than 1\.5 s"),
        open_session(Launch(BOARD, IMAGE, limit_s=1.5)) as session,
    ):
        while True:
            session.link.stack()
    wait_until_gone(pids)


def test_the_wrong_image_is_refused_before_any_number(simulate: Simulate, pids: Path) -> None:
    simulate("session")
    with pytest.raises(WrongBuild), open_session(Launch(BOARD, IMAGE, build="0" * 16)):
        pytest.fail("a session with the wrong image")
    wait_until_gone(pids)


HOLD = """
import signal
from pathlib import Path
from fwgen.board import load_board
from fwgen.device.run import open_session
from fwgen.device.run.runner import Launch
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
with open_session(Launch(load_board("corstone-300"), Path("image.elf"))) as session:
    print("open", flush=True)
    while True:
        session.link.info()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_session_that_is_killed_leaves_no_process(
    how: signal.Signals, simulate: Simulate, pids: Path
) -> None:
    simulate("family")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    assert holder.stdout is not None
    with holder.stdout as stdout:
        assert stdout.readline() == b"open\n"
        holder.send_signal(how)
        holder.wait()
    wait_until_gone(pids, least=2)


def test_without_qemu_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceUnavailable, match="apt install qemu-system-arm") as caught:
        find_runner(BOARD)
    assert caught.value.exit_code == 6


def test_a_runner_that_does_not_suit_the_board_is_a_usage_error() -> None:
    for name in ("host", "pigeon"):
        with pytest.raises(UsageError, match=r"corstone-300[^$]*qemu, fvp"):
            find_runner(BOARD, Choice(name))
    assert find_runner(load_board("host")).name == "host"


def test_the_command_line_of_qemu() -> None:
    with_counts = QEMU.command(Launch(BOARD, IMAGE))
    without = QEMU.command(Launch(BOARD, IMAGE, counters=False))
    assert " ".join(without) == (
        "qemu-system-arm -M mps3-an547 -nographic -monitor none -serial stdio -kernel image.elf"
    )
    assert [word for word in with_counts if word not in without] == ["-icount", "shift=8"]


@pytest.mark.parametrize("hz", [20_000_000, 25_000_000, 32_000_000])
def test_instructions_are_exact_whatever_the_phase_of_the_timer(hz: int) -> None:
    """Each reading of the timer is rounded down, and two differences of readings are subtracted."""
    rng = random.Random(hz)

    def read(instruction: int) -> int:
        return instruction * 256 * hz // 1_000_000_000

    for _ in range(20_000):
        count, start, cost = rng.randrange(1 << 32), rng.randrange(1 << 40), rng.randrange(50)
        ticks = read(start + count + cost) - read(start)
        calibration = read(cost + 7) - read(7)
        assert instructions(ticks - calibration, hz) == count


# The native executable


def test_a_native_session_ends_with_its_program(simulate: Simulate, pids: Path) -> None:
    image = simulate("exit=0 ", "image")
    with open_session(Launch(load_board("host"), image, build=BUILD)) as session:
        use(session)
    wait_until_gone(pids)


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("exit=0 model.c:7: runtime error: signed integer overflow", "signed integer overflow"),
        ("exit=99 ==1==ERROR: AddressSanitizer: heap-buffer-overflow", "AddressSanitizer"),
        ("exit=5 ", "exit code 5"),
    ],
)
def test_a_native_session_fails_with_what_its_program_reports_at_the_end(
    mode: str, text: str, simulate: Simulate
) -> None:
    image = simulate(mode, "image")
    with (
        pytest.raises(FirmwareFault, match=text),
        open_session(Launch(load_board("host"), image)) as session,
    ):
        use(session)


def test_a_missing_image_is_a_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(DeviceUnavailable, match="No such file"),
        open_session(Launch(load_board("host"), tmp_path / "image")),
    ):
        pytest.fail("a session without an image")
