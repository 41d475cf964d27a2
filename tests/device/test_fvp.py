"""Arm's FVPs, as stand-ins: command lines, and every way in which a run can end.

No FVP was at hand. The stand-ins say what the documents, and those who use the models, report.
"""

from __future__ import annotations

import os
import socket
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from fwgen.board import load_board
from fwgen.device.link.faults import Disconnected, FirmwareFault, OutOfTime
from fwgen.device.run import Session, find_runner, open_session
from fwgen.device.run.fvp import RUNNER as FVP_RUNNER
from fwgen.device.run.fvp import SECTION
from fwgen.device.run.fvp_process import TelnetFilter
from fwgen.device.run.runner import Choice, Launch
from fwgen.errors import DeviceUnavailable, FwgenError, UsageError
from fwgen.npu.payload import Configuration
from tests.conftest import OWN_MODELS
from tests.device.fake_device import BUILD
from tests.device.firmware.npu_model import npu_firmware, payload_of
from tests.device.stand_ins import Simulate, pids_fixture, simulate_fixture, use, wait_until_gone  # noqa: F401
from tests.npu import offloaded as npu

BOARD = load_board("corstone-300")
(MODEL,) = BOARD.every(SECTION)
FVP = MODEL.program
U55 = Configuration("ethos-u55", 128, 24576, 0, (1, 0, 6))
U65 = Configuration("ethos-u65", 512, 98304, 0, (1, 0, 6))
DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return tmp_path / "image.elf"


def command(npu: Configuration | None, *, counters: bool = True, board: str = "") -> list[str]:
    own = load_board(board) if board else BOARD
    return FVP_RUNNER.command(
        Launch(own, Path("image.elf"), npu=npu, counters=counters, limit_s=59.5)
    )


def on_fvp(image: Path, **how: Any) -> AbstractContextManager[Session]:
    """A session with what stands in for the FVP."""
    return open_session(Launch(BOARD, image, Choice("fvp"), **how))


def settings(words: list[str]) -> list[str]:
    return [value for option, value in pairwise(words) if option == "-C"]


def test_the_command_line() -> None:
    assert " ".join(command(U55)) == (
        "FVP_Corstone_SSE-300_Ethos-U55 -a image.elf "
        "-C mps3_board.visualisation.disable-visualisation=1 "
        "-C mps3_board.telnetterminal0.start_telnet=0 -C mps3_board.telnetterminal1.start_telnet=0 "
        "-C mps3_board.telnetterminal2.start_telnet=0 -C mps3_board.telnetterminal5.start_telnet=0 "
        "-C mps3_board.telnetterminal0.mode=raw -C mps3_board.uart0.unbuffered_output=1 "
        "-C mps3_board.uart0.shutdown_on_eot=1 -C ethosu.num_macs=128 --stat --timelimit 60"
    )


def test_each_npu_has_its_executable_and_its_mac_units() -> None:
    assert command(None)[0] == "FVP_Corstone_SSE-300_Ethos-U55"
    assert not any("ethosu" in word for word in command(None))
    assert command(U65)[0] == "FVP_Corstone_SSE-300_Ethos-U65"
    assert "ethosu.num_macs=512" in settings(command(U65))
    assert command(U65, board="corstone-310")[0] == "FVP_Corstone_SSE-310_Ethos-U65"
    assert "ethosu.num_macs=32" in settings(command(replace(U55, macs=32), board="corstone-310"))


def test_the_parameters_of_a_newer_subsystem_have_other_names() -> None:
    u85 = replace(U55, product="ethos-u85", macs=1024)
    words = command(u85, counters=False, board="corstone-320")
    assert words[0] == "FVP_Corstone_SSE-320"
    assert {
        "mps4_board.subsystem.ethosu.num_macs=1024",
        "mps4_board.subsystem.ethosu.extra_args=--fast",
        "mps4_board.uart0.shutdown_on_eot=1",
        "mps4_board.telnetterminal0.start_telnet=0",
        "vis_hdlcd.disable_visualisation=1",
    } < set(settings(words))
    assert not any(value.startswith(("mps3", "ethosu")) for value in settings(words))


def test_without_counts_the_npu_is_only_functional() -> None:
    extra = set(settings(command(U55, counters=False))) - set(settings(command(U55)))
    assert extra == {"ethosu.extra_args=--fast"}
    assert command(None, counters=False) == command(None)


def test_an_npu_that_the_board_cannot_have_is_a_usage_error() -> None:
    for wrong in (replace(U55, macs=512), replace(U55, product="ethos-u85", macs=256)):
        with pytest.raises(UsageError, match=rf"no NPU '{wrong.name}'.*ethos-u55-128"):
            command(wrong)


def test_a_stream_for_another_npu_starts_nothing(
    tmp_path: Path, simulate: Simulate, pids: Path
) -> None:
    simulate("fvp", FVP)
    compiled = npu.compiled(DIGITS.read_bytes(), tmp_path, "ethos-u55-64")
    model = npu.offloaded(compiled)
    assert model is not None
    elf = npu_firmware(model, payload_of(compiled), tmp_path / "firmware")
    with (
        pytest.raises(UsageError, match=r"for ethos-u55-64, the NPU is ethos-u55-128"),
        on_fvp(elf, npu=U55),
    ):
        pytest.fail("a session with another NPU")
    assert pids.read_text() == ""
    with open_session(
        Launch(BOARD, elf, Choice("fvp"), npu=model.payload.configuration)
    ) as session:
        use(session)
    assert "-C ethosu.num_macs=64 " in (elf.parent / "fvp.log").read_text().splitlines()[0]


def test_a_session_speaks_through_the_terminal(simulate: Simulate, image: Path, pids: Path) -> None:
    simulate("fvp", FVP)
    files = os.listdir("/proc/self/fd")
    with on_fvp(image, build=BUILD) as session:
        assert session.counter is not None
        assert (session.counter.source, session.counter.unit) == ("fvp", "ticks")
        use(session)
    wait_until_gone(pids)
    assert os.listdir("/proc/self/fd") == files
    log = image.with_name("fvp.log").read_bytes()
    for words in (b"Fast Models", b"m-fw-run-[", b"m-fw-end", b"cpu0 statistics"):
        assert words in log
    assert b"\xff" not in log


def test_the_executable_may_be_named_by_a_variable(
    simulate: Simulate, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = simulate("fvp", "my-model")
    monkeypatch.setenv("FWGEN_FVP_CORSTONE_300", str(path))
    for npu_of_project in (None, U65):
        assert find_runner(BOARD, Choice("fvp"), npu_of_project).name == "fvp"
    with on_fvp(image) as session:
        use(session)


def test_without_an_fvp_the_error_says_how_to_get_it(simulate: Simulate) -> None:
    simulate("fvp", "FVP_Corstone_SSE-300_Ethos-U65")
    with pytest.raises(DeviceUnavailable) as caught:
        find_runner(BOARD, Choice("fvp"), U55)
    for words in (FVP, "FWGEN_FVP_CORSTONE_300", "licence", "--runner qemu"):
        assert words in str(caught.value)
    assert find_runner(BOARD, Choice("fvp"), U65).name == "fvp"


@pytest.mark.parametrize(
    ("mode", "text", "help"),
    [
        (
            "fvp-broken=error while loading shared libraries: libpython3.9.so.1.0: cannot open",
            "did not start",
            "PYTHONHOME=INSTALL/python",
        ),
        ("fvp-broken=ERROR: license checkout failed", "checkout failed", "accept Arm's licence"),
        ("fvp-broken=Error: unknown parameter", "exit code 127", "whole log"),
        ("fvp-mute", "no serial port", "whole log"),
        ("session", "no serial port", "whole log"),
        ("fvp=refused", "could not be opened", "whole log"),
    ],
)
def test_an_fvp_that_does_not_start_is_unavailable(
    mode: str,
    text: str,
    help: str,
    simulate: Simulate,
    image: Path,
    monkeypatch: pytest.MonkeyPatch,
    pids: Path,
) -> None:
    if text == "no serial port":  # the others are over before, however busy the machine is
        monkeypatch.setattr("fwgen.device.run.fvp.START_S", 1.0)
    simulate(mode, FVP)
    with (
        pytest.raises(DeviceUnavailable, match=text) as caught,
        on_fvp(image),
    ):
        pytest.fail("a session without an FVP")
    assert help in str(caught.value) and str(image.with_name("fvp.log")) in str(caught.value)
    assert image.with_name("fvp.log").read_text().startswith(f"$ {image.parent}/{FVP} -a {image}")
    wait_until_gone(pids)


@pytest.mark.parametrize(
    ("mode", "error", "text"),
    [
        ("fvp=dies:70", Disconnected, "before the firmware did, exit code 1.*assertion failed"),
        ("fvp=dies:500", Disconnected, "before the firmware did, exit code 1.*assertion failed"),
        ("fvp=late", OutOfTime, "its own time limit"),
        ("fvp=fault", FirmwareFault, "bus-error"),
        ("fvp=mute-end", Disconnected, "never said that it ended"),
    ],
)
def test_every_end_but_the_firmwares_own_is_told_apart(
    mode: str,
    error: type[FwgenError],
    text: str,
    simulate: Simulate,
    image: Path,
    pids: Path,
) -> None:
    simulate(mode, FVP)
    with (
        pytest.raises(error, match=text) as caught,
        on_fvp(image) as session,
    ):
        use(session)
    assert type(caught.value) is error and caught.value.exit_code == 7
    assert f"the whole log: {image.with_name('fvp.log')}" in str(caught.value)
    wait_until_gone(pids)


def test_an_exit_code_carries_nothing(simulate: Simulate, image: Path) -> None:
    simulate("fvp=code:3", FVP)
    with on_fvp(image) as session:
        use(session)


def test_an_fvp_that_stays_is_ended_with_all_its_processes(
    simulate: Simulate, image: Path, monkeypatch: pytest.MonkeyPatch, pids: Path
) -> None:
    monkeypatch.setattr("fwgen.device.run.END_S", 0.5)
    simulate("fvp=lingers", FVP)
    with on_fvp(image) as session:
        use(session)
    wait_until_gone(pids)


def test_grandchildren_do_not_outlive_a_session(
    simulate: Simulate, image: Path, pids: Path
) -> None:
    simulate("fvp=family", FVP)
    with pytest.raises(RuntimeError), on_fvp(image):
        raise RuntimeError
    wait_until_gone(pids, least=2)


def test_the_run_ends_when_its_time_is_over(
    simulate: Simulate, image: Path, monkeypatch: pytest.MonkeyPatch, pids: Path
) -> None:
    """Later than the model's own limit, for the case that it does not keep it."""
    monkeypatch.setattr("fwgen.device.run.fvp.START_S", 1.0)
    simulate("fvp", FVP)
    with (
        pytest.raises(OutOfTime, match=r"longer than 2 s") as caught,
        on_fvp(image, limit_s=1.0) as session,
    ):
        while True:
            session.link.stack()
    assert "--timelimit 1\n" in image.with_name("fvp.log").read_text()
    assert "whole log" in str(caught.value)
    wait_until_gone(pids)


def test_a_port_in_use_is_of_no_matter(simulate: Simulate, image: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        simulate(f"fvp=busy:{other.getsockname()[1]}", FVP)
        with on_fvp(image) as session:
            use(session)


def test_an_image_in_a_folder_that_cannot_be_written_runs_all_the_same(
    simulate: Simulate, tmp_path: Path
) -> None:
    simulate("fvp", FVP)
    with on_fvp(tmp_path / "nowhere" / "image.elf") as session:
        use(session)


def test_an_install_with_a_python_of_its_own_gets_it(
    tmp_path: Path, image: Path, pids: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "install" / "models" / "Linux64_GCC-9.3"
    models.mkdir(parents=True)
    program = models / FVP
    program.write_text('#!/bin/sh\necho "home=$PYTHONHOME library=$LD_LIBRARY_PATH"\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("FWGEN_FVP_CORSTONE_300", str(program))
    monkeypatch.setenv("LD_LIBRARY_PATH", "/elsewhere")
    monkeypatch.delenv("PYTHONHOME", raising=False)
    with pytest.raises(DeviceUnavailable, match="home= library=/elsewhere"):
        on_fvp(image).__enter__()
    python = tmp_path / "install" / "python"
    (python / "lib").mkdir(parents=True)
    with pytest.raises(DeviceUnavailable, match=f"home={python} library={python}/lib:/elsewhere"):
        on_fvp(image).__enter__()


def test_telnet_bytes_are_dropped_wherever_they_are_cut() -> None:
    own = b"\xff\xfb\x01", b"\xff\xfd\x0a", b"\xff\xfa\x18\x00\xff\xf0", b"\xff\xf1", b"\xff\xff"
    text = b"m-" + own[0] + b"ready" + own[1] + own[2] + b"\r" + own[3] + b"\n" + own[4] + b"."
    for cut in range(len(text) + 1):
        strip = TelnetFilter()
        assert strip(text[:cut]) + strip(text[cut:]) == b"m-ready\r\n\xff."


def test_an_endless_telnet_command_is_not_kept() -> None:
    strip = TelnetFilter()
    passed = sum(len(strip(b"\xff\xfa" + b"x" * 1000)) for _ in range(100))
    assert passed > 90_000
