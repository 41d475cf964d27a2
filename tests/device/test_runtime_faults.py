"""What the firmware says when it faults, and how it watches its stack."""

from __future__ import annotations

import re
import subprocess

import pytest

from fwgen.board import load_board
from tests.device.firmware.build import build
from tests.device.firmware.device import EOT, Device, checked
from tests.device.firmware.tiny_model import (
    BIG_FRAME,
    BUS_ERROR,
    CORRUPT_STACK,
    DEEP,
    DIVIDE,
    JUMP,
    OVERFLOW,
    QEMU_BOARDS,
    UNDEFINED,
    model_input,
    started,
)

SIMPLE = ("cortex-m0", "cortex-m0plus")
"""Cores of Armv6-M: one fault for everything, and no division."""

WITHOUT_MPU = ("microbit",)
"""Boards whose core has no guard of the stack, as an option that their chips lack."""

CORES = tuple({load_board(board).cpu.name: board for board in QEMU_BOARDS}.values())
"""A board of each core."""

FAULTS = {
    UNDEFINED: ("undefined-instruction", "pc", "fw_test_undefined"),
    BUS_ERROR: ("bus-error", "pc", "fw_test_bus_error"),
    DIVIDE: ("divide-by-zero", "pc", "fw_test_divide"),
    JUMP: ("bad-jump", "lr", "fw_test_jump"),
    OVERFLOW: ("stack-overflow", "lr", "fw_test_overflow"),
    BIG_FRAME: ("stack-overflow", None, None),
    CORRUPT_STACK: ("stack-overflow", None, None),
}


def expected(board: str, mode: int) -> tuple[str, str | None, str | None]:
    """As FAULTS has it, where the core can tell."""
    name, register, function = FAULTS[mode]
    by_guard = mode == CORRUPT_STACK and board not in WITHOUT_MPU
    if load_board(board).cpu.name in SIMPLE and (name != "stack-overflow" or by_guard):
        name = "hard-fault"
    return name, register, function


@pytest.mark.parametrize(
    ("board", "mode"),
    [
        (board, mode)
        for board in CORES
        for mode in FAULTS
        if mode != DIVIDE or load_board(board).cpu.name not in SIMPLE
    ],
)
def test_fault(board: str, mode: int) -> None:
    name, register, function = expected(board, mode)
    with started(board) as device:
        device.load(model_input(mode))
        device.send(b"fw-run%")
        said = device.until(EOT).decode("ascii").split("\r\n")
    line, end, eot = said
    assert eot.encode() == EOT and checked(end) == "m-fw-end"
    match = re.fullmatch(
        r"e-\[fault ([a-z-]+) pc=(?P<pc>[0-9a-f]{8}) lr=(?P<lr>[0-9a-f]{8}) cfsr=[0-9a-f]{8} "
        r"hfsr=[0-9a-f]{8} mmfar=[0-9a-f]{8} bfar=[0-9a-f]{8} psr=[0-9a-f]{8} op=(-?\d+)\]",
        line,
    )
    assert match, line
    assert match[1] == name
    cpu = load_board(board).cpu
    by_check = mode == CORRUPT_STACK and ("v8m" in cpu.features or board in WITHOUT_MPU)
    assert match[4] == ("-1" if by_check else "1")
    if register:
        address = int(match[register], 16) - (1 if register == "lr" else 0)
        assert function_at(board, address - (2 if register == "lr" else 0)) == function


def function_at(board: str, address: int) -> str:
    return subprocess.run(
        ["arm-none-eabi-addr2line", "-f", "-e", str(build(board)), hex(address)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")[0]


def test_fault_ends_an_unfinished_line() -> None:
    """A fault amid the lines of ``fw-ops`` starts a line of its own."""
    with started("corstone-300") as device:
        device.load(model_input(UNDEFINED))
        device.send(b"fw-ops%")
        lines = device.until(EOT).decode("ascii").split("\r\n")
    assert checked(lines[0]).startswith("m-fw-op-[0=")
    assert lines[1].startswith("e-[fault undefined-instruction ")


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_stack_watermark(board: str) -> None:
    def used(device: Device) -> int:
        (line,) = device.ask("fw-stack")
        match = re.fullmatch(
            rf"m-fw-stack-\[size={load_board(board).stack_bytes},used=(\d+)\]", line
        )
        assert match
        return int(match[1])

    with started(board) as device:
        device.ask("fw-run")
        shallow = used(device)
        assert 64 < shallow < 512
        device.load(model_input(DEEP))
        device.ask("fw-run")
        assert 1200 < used(device) < 1200 + shallow + 64
        device.load(model_input())
        device.ask("fw-run")
        assert used(device) > 1200  # it is a high-water mark


def test_host_does_not_pretend_to_measure_its_stack() -> None:
    with started("host") as device:
        assert device.ask("fw-stack") == ["e-[This target does not measure its stack]"]
