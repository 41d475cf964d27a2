"""The model made by hand (tiny_model.c) as tests see it: its inputs, outputs and boards."""

from __future__ import annotations

import re
import struct

import numpy as np

from fwgen.board import board_names, load_board
from tests.device.firmware.build import build
from tests.device.firmware.device import READY, Device, answer_lines

QEMU_BOARDS = tuple(name for name in board_names() if "qemu" in load_board(name).sections)
BOARDS = (*QEMU_BOARDS, "host")
NONE, UNDEFINED, BUS_ERROR, DIVIDE, JUMP, OVERFLOW, BIG_FRAME, CORRUPT_STACK, DEEP = range(9)


def model_input(mode: int = NONE, rounds: int = 0, data: bytes = bytes(8)) -> bytes:
    return struct.pack("<I", mode | rounds << 8) + data


def expected_outputs(data: bytes) -> bytes:
    """What tiny_model.c computes."""
    doubled = (2 * np.frombuffer(data, np.int8)).astype(np.int8)
    integers = np.concatenate([doubled, (doubled[::-1] + 1).astype(np.int8)])
    reals = np.array([0.5 * np.float32(doubled[0]), np.float32(-1) / np.float32(3)], np.float32)
    return integers.tobytes() + reals.tobytes()


def expected_results(data: bytes) -> str:
    values = np.frombuffer(expected_outputs(data)[:16], np.int8).astype(np.int32)
    reals = np.float32(0.00390625) * (values + 128).astype(np.float32)
    return f"m-results-[{','.join(f'{float(v):.3f}' for v in reals)}]"


def started(board: str, *flags: str) -> Device:
    device = Device(board, build(board, *flags))
    banner = answer_lines(device.until(READY))
    assert banner[0] == "m-timestamp-mode-performance"
    assert re.fullmatch(r"m-lap-us-\d+", banner[1])
    assert banner[2:] == ["m-init-done"]
    return device
