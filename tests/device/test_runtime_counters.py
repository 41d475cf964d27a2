"""Counts of the firmware on QEMU are numbers of instructions, exact and repeatable."""

from __future__ import annotations

import random
import re

import pytest

from fwgen.board import load_board
from tests.device.firmware.device import ICOUNT_SHIFT, Device
from tests.device.firmware.tiny_model import QEMU_BOARDS, model_input, started


def instructions(board: str, ticks: int) -> float:
    timer = load_board(board).timer
    assert timer is not None
    return ticks * 1e9 / timer.hz / (1 << ICOUNT_SHIFT)


def count(board: str, device: Device) -> float:
    (line,) = device.ask("fw-run")
    match = re.fullmatch(r"m-fw-run-\[count=(\d+)\]", line)
    assert match
    return instructions(board, int(match[1]))


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_model_that_does_nothing_counts_its_call_and_return(board: str) -> None:
    with started(board, "-DTINY_EMPTY") as device:
        assert {round(count(board, device)) for _ in range(20)} == {2}


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_counts_are_exact(board: str) -> None:
    """A loop of known length: rounded to the nearest, counts are the numbers of instructions."""
    chooser = random.Random(7)
    with started(board) as device:
        device.load(model_input(rounds=1))
        one = round(count(board, device))
        for limit in (10, 100, 1000, 100_000, 0x80_0000):
            for _ in range(3):
                rounds = chooser.randrange(1, limit)
                device.load(model_input(rounds=rounds))
                counted = count(board, device)
                assert round(counted) == one + 2 * (rounds - 1)
                assert abs(counted - round(counted)) < 0.4


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_ops_add_up_to_the_whole(board: str) -> None:
    with started(board) as device:
        device.load(model_input(rounds=12_345))
        whole = count(board, device)
        lines = device.ask("fw-ops")
        ops = [instructions(board, int(line.split("=")[1][:-1])) for line in lines[:3]]
        assert ops[1] == pytest.approx(2 * 12_345, abs=50)
        assert min(ops) > 0
        assert sum(ops) == pytest.approx(whole, abs=3 * len(ops))  # of calling the ops


def test_same_run_same_counts() -> None:
    def counts() -> list[object]:
        with started("corstone-300") as device:
            device.load(model_input(rounds=1000))
            return [round(count("corstone-300", device)), *device.ask("fw-crc")]

    assert counts() == counts()


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_timestamps_are_microseconds(board: str) -> None:
    with started(board) as device:
        device.load(model_input(rounds=1_000_000))
        lines = device.ask("infer 1 0")
        start, stop = (int(line.rsplit("-", 1)[1]) for line in lines if "lap" in line)
        assert stop - start == pytest.approx(2e6 * 0.256, rel=0.01)
