"""Inputs and outputs by the device's memory: what the line would bring, and nothing hangs."""

from __future__ import annotations

import os
import random
import re
import signal
import zlib
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.board.file import board_names
from fwgen.device.link.faults import Disconnected, OutOfTime
from fwgen.device.run import Session, find_runner, open_session
from fwgen.device.run.process import Process
from fwgen.device.run.qemu_machine import SECTION
from fwgen.device.run.runner import Capability, Choice, Launch
from fwgen.errors import DeviceFault, FwgenError, UsageError
from tests.device.firmware.build import build
from tests.device.firmware.tiny_model import expected_outputs, model_input, started
from tests.device.stand_ins import Simulate, pids_fixture, simulate_fixture, use, wait_until_gone  # noqa: F401

REACHED = [name for name in board_names() if load_board(name).section(SECTION)]
BOARD = load_board("corstone-300")


def numbers(session: Session, seed: int) -> list[object]:
    """What inferences on random inputs give and count."""
    chooser, found = random.Random(seed), list[object]()
    for _ in range(5):
        data = chooser.randbytes(8)
        session.link.load(model_input(rounds=chooser.randrange(1, 5000), data=data))
        ticks = session.link.run()
        outputs = session.link.outputs()
        assert outputs == expected_outputs(data)
        found += [None if ticks is None else session.count(ticks), session.link.op_crcs(), outputs]
    counts = session.link.op_counts()
    assert counts is not None
    return [*found, *map(session.count, counts)]


@pytest.mark.parametrize("board", REACHED)
def test_numbers_are_those_of_a_session_by_the_line(
    board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fwgen.device.link.client.LINE_BYTES", 0)
    written: list[bytes] = []
    write = Process.write

    def noting(process: Process, data: bytes) -> None:
        written.append(data)
        write(process, data)

    monkeypatch.setattr(Process, "write", noting)
    found = []
    for serial in (False, True):
        launch = Launch(load_board(board), build(board), Choice("qemu", serial=serial))
        written.clear()
        with open_session(launch) as session:
            found.append(numbers(session, seed=len(board)))
        sent = b"".join(written)
        assert [b"fw-load" in sent, b"fw-out" in sent, b"fw-places" in sent] == (
            [True, True, False] if serial else [False, False, True]
        )
    assert found[0] == found[1]


@pytest.mark.parametrize("board", REACHED)
def test_the_firmware_tells_where_inputs_and_outputs_are(board: str) -> None:
    data = bytes(range(100, 108))
    outputs = expected_outputs(data)
    with started(board) as device:
        device.load(model_input(data=data))
        device.ask("fw-run")
        lines = device.ask("fw-places")
    known = [model_input(data=data), outputs[:16], outputs[16:]]
    for number, (line, content) in enumerate(zip(lines, known, strict=True)):
        tail = f":{len(content)}:{zlib.crc32(content):08x}]"
        assert re.fullmatch(rf"m-fw-places-\[{number}=[1-9]\d+{re.escape(tail)}", line)


def test_firmware_for_what_nobody_reaches_has_no_such_command() -> None:
    with started("host") as device:
        assert device.ask("fw-places") == ["e-[Unknown command: fw-places]"]


def test_a_runner_that_does_not_reach_the_memory_says_so() -> None:
    needs = frozenset({Capability.MEMORY})
    with pytest.raises(UsageError, match="host cannot reach the device's memory"):
        find_runner(load_board("host"), Choice(needs=needs))
    assert find_runner(BOARD, Choice(needs=needs)).name == "qemu"


@pytest.mark.parametrize(
    ("words", "error", "text"),
    [
        ("", Disconnected, "stub is gone"),
        ("$W00#b7", Disconnected, "stub is gone"),
        ("$T02#00", DeviceFault, "wrong checksum"),
        ("$T02#b6+$E14#aa", DeviceFault, "refused M20000010,c.*E14"),
        ("$T02#b6", OutOfTime, "did not answer within 1 s"),
        ("?", OutOfTime, "did not answer within 1 s"),
    ],
)
def test_whatever_the_stub_does_the_run_ends_and_says_why(
    words: str,
    error: type[FwgenError],
    text: str,
    simulate: Simulate,
    pids: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fwgen.device.run.gdb.ANSWER_S", 1.0)
    simulate(f"memory={words}")
    with (
        pytest.raises(error, match=text) as caught,
        open_session(Launch(BOARD, Path("image.elf"))) as session,
    ):
        use(session)
    assert "--link serial" in caught.value.tries
    wait_until_gone(pids)


def test_the_line_serves_where_the_stub_does_not(simulate: Simulate, pids: Path) -> None:
    simulate("memory=?")
    with open_session(Launch(BOARD, Path("image.elf"), Choice(serial=True))) as session:
        use(session)
    wait_until_gone(pids)


def test_qemu_that_dies_is_told() -> None:
    files = os.listdir("/proc/self/fd")
    with (
        pytest.raises(Disconnected, match="QEMU ended in the middle"),
        open_session(Launch(BOARD, build(BOARD.name))) as session,
    ):
        session.link.load(model_input())
        memory = session.runner.memory(session.link._stream)  # type: ignore[arg-type]
        assert memory is not None
        os.kill(session.link._clock.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        while True:
            memory.read(BOARD.region("arena").origin, 4)
    assert os.listdir("/proc/self/fd") == files


def test_an_address_without_memory_is_refused() -> None:
    with (
        pytest.raises(DeviceFault, match=r"refused to read 4 bytes[^$]*"),
        open_session(Launch(BOARD, build(BOARD.name))) as session,
    ):
        memory = session.runner.memory(session.link._stream)  # type: ignore[arg-type]
        assert memory is not None
        memory.read(0xF000_0000, 4)
