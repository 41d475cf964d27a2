"""The firmware around a model made by hand: what it answers, on this machine and on QEMU."""

from __future__ import annotations

import os
import re
import subprocess
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from fwgen.board import load_board, parse_board
from tests.device.firmware.attacks import ATTACKS
from tests.device.firmware.build import build, link
from tests.device.firmware.device import EOT, READY, Device, checked, dumped
from tests.device.firmware.tiny_model import (
    BOARDS,
    QEMU_BOARDS,
    expected_outputs,
    expected_results,
    model_input,
    started,
)


@pytest.fixture(params=BOARDS)
def device(request: pytest.FixtureRequest) -> Iterator[Device]:
    with started(request.param) as device:
        yield device


def test_benchmark_commands(device: Device) -> None:
    data = bytes([1, 2, 3, 4, 0xFB, 0x7F, 0x80, 0xFF])
    raw = model_input(data=data)
    assert device.ask("name") == ["m-name-dut-[fwgen]"]
    assert device.ask("profile") == [
        "m-profile-[ULPMark for tinyML Firmware V0.0.1]",
        "m-model-[tiny]",
    ]
    helped = device.ask("help")
    some = ("fw-places", "fw-window N", "fw-rom BYTES")  # of which boards have none to all
    assert len(helped) == 17 + sum(each in helped for each in some)
    (line,) = device.ask("fw-npu")
    assert line == "m-fw-npu-[jobs=0,cycles=none,events=none]"
    assert device.ask("db load 12") == ["m-[Expecting 12 bytes]"]
    assert device.ask(f"db {raw[:5].hex()}") == []
    assert device.ask(f"db {raw[5:].hex().upper()}") == ["m-load-done"]
    assert device.ask("db print") == [
        "m-buffer-" + raw[:8].hex("-"),
        "m-buffer-" + raw[8:].hex("-"),
    ]
    lines = device.ask("infer 3 2")
    assert lines[:3] == ["m-warmup-start-2", "m-warmup-done", "m-infer-start-3"]
    start, stop = (int(re.fullmatch(r"m-lap-us-(\d+)", line)[1]) for line in lines[3:5])  # type: ignore[index]
    assert 0 <= (stop - start) % (1 << 32) < 10_000_000
    assert lines[5:] == ["m-infer-done", expected_results(data)]
    assert device.ask("results") == [expected_results(data)]
    assert device.ask("infer 1")[0] == "m-warmup-start-10"


def test_own_commands(device: Device) -> None:
    data = bytes(range(100, 108))
    device.load(model_input(data=data))
    (info,) = device.ask("fw-info")
    fields = dict(pair.split("=") for pair in info.removeprefix("m-fw-info-[")[:-1].split(","))
    assert list(fields) == [
        *("schema", "build", "board", "ops", "inputs", "outputs", "arena", "stack", "counter"),
        *("unit", "hz"),
    ]
    assert fields["build"] == "0123456789abcdef" and fields["board"] == "test"
    assert (fields["ops"], fields["inputs"], fields["outputs"]) == ("3", "12", "24")
    counts = fields["hz"] != "0"
    assert counts == (fields["counter"] != "none") == (fields["unit"] == "ticks")
    for _ in range(3):  # every inference starts from the loaded inputs, which the model spoils
        (run,) = device.ask("fw-run")
        assert re.fullmatch(r"m-fw-run-\[count=([1-9]\d*|none)\]", run)
        assert run.endswith("none]") != counts
        outputs = dumped(device.ask("fw-out"), "out")
        assert outputs == expected_outputs(data)
    doubled = bytes(2 * byte & 255 for byte in data)
    crcs = [zlib.crc32(doubled), zlib.crc32(doubled), zlib.crc32(outputs[:16])]
    expected = [f"m-fw-crc-[{i}={crc:08x}]" for i, crc in enumerate(crcs)]
    assert device.ask("fw-crc") == [*expected, "m-fw-crc-[ops=3]"]
    assert dumped(device.ask("fw-dump 1"), "dump") == doubled
    assert dumped(device.ask("fw-dump 2"), "dump") == outputs[:16]
    ops = device.ask("fw-ops")
    if counts:
        values = [int(re.fullmatch(rf"m-fw-op-\[{i}=(\d+)\]", ops[i])[1]) for i in range(3)]  # type: ignore[index]
        assert ops[3:] == [f"m-fw-ops-[ops=3,total={sum(values)}]"]
    else:
        assert ops == ["e-[This target has no counter]"]


def test_each_line_of_an_answer_repeats_its_mark_and_the_one_before(device: Device) -> None:
    raw = model_input(data=b"12345678")
    crc = zlib.crc32(raw).to_bytes(4, "little")
    most = (1 << 32) - 1
    tail = f"@{most}.0"
    assert [line[-len(tail) :] for line in device.ask(f"fw-load 12 @{most}", raw + crc)] == [tail]
    before = most
    for mark, command in enumerate(("fw-run", "fw-out", "fw-crc", "fw-dump 1", "fw-info"), 1):
        tail = f"@{mark}.{before}"
        lines = device.ask(f"{command} @{mark}")
        assert lines and all(line.endswith("]" + tail) for line in lines), command
        device.ask("sync-word")  # what is no command is none before either
        before = mark
    assert dumped(device.ask("fw-out"), "out") == dumped(device.ask("fw-out"), "out")
    (npu,) = device.ask("fw-npu @9")
    assert npu.endswith("]@9.0"), "the one before had no mark"


def test_end(device: Device) -> None:
    device.send(b"fw-end%name%")
    said = device.until(EOT)
    assert checked(said.decode().removesuffix("\r\n\x04")) == "m-fw-end"


def test_attacks(device: Device) -> None:
    for command, answer in ATTACKS:
        assert device.ask(command) == answer, command[:100]


def test_bulk_load_that_is_damaged(device: Device) -> None:
    device.load(model_input(data=b"12345678"))
    damaged = device.ask("fw-load 12", b"damaged data" + b"\1\2\3\4")
    assert damaged == ["e-[Load: the CRC differs]"]
    assert device.ask("db print")[0] == "m-buffer-" + "-".join(["00"] * 8)  # no half inputs
    device.load(model_input(data=b"%%%%%%%%"))
    device.ask("fw-run")
    assert dumped(device.ask("fw-out"), "out") == expected_outputs(b"%%%%%%%%")


@pytest.mark.parametrize("board", ["corstone-300", "mps2-an385", "host"])
def test_bulk_load_that_stops(board: str) -> None:
    with started(board) as device:
        start = time.monotonic()
        (silence,) = device.ask("fw-load 12", b"%%%")
        assert silence == "e-[Load: no byte came for two seconds, after 3]"
        assert time.monotonic() - start > 1.9
        assert device.ask("db print")[0] == "m-buffer-" + "-".join(["00"] * 8)


def test_corstone_300_boots_without_icount() -> None:
    with Device("corstone-300", build("corstone-300"), icount=False) as device:
        device.until(READY)
        device.send(b"infer 1 0%")
        assert b"\r\nm-infer-done\r\n" in device.until(READY)


@pytest.mark.parametrize("region", ["ISRAM", "DDR"])
def test_arena_data_and_stack_can_be_elsewhere(region: str, tmp_path: Path) -> None:
    source = load_board("corstone-300").source.decode()
    moved, count = re.subn(
        r'(?m)^(data|arena|stack) = ("DTCM"|\["DTCM".*\])$', rf'\1 = "{region}"', source
    )
    assert count == 3
    with Device(
        "corstone-300", link(parse_board(moved.encode(), "moved.toml"), tmp_path)
    ) as device:
        device.until(READY)
        device.load(model_input(data=b"12345678"))
        device.ask("fw-run")
        assert dumped(device.ask("fw-out"), "out") == expected_outputs(b"12345678")


@pytest.mark.parametrize("board", ["corstone-300", "mps2-an385"])
def test_waiting_for_a_command_takes_no_processor_time(board: str) -> None:
    def used_s(pid: int) -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    with started(board) as device:
        time.sleep(0.2)
        before = used_s(device.pid)
        time.sleep(1.0)
        assert used_s(device.pid) - before < 0.2


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("optimization", ["-O0", "-O3"])  # -Os and -O2 are built elsewhere
def test_builds_without_warnings(board: str, optimization: str) -> None:
    build(board, optimization)


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_model_is_called_directly_and_in_one_place(board: str) -> None:
    code = subprocess.run(
        ["arm-none-eabi-objdump", "-d", str(build(board))],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    calls = re.findall(r"\t([a-z.]+)\t[^\n]*<fw_model_invoke>", code)
    assert calls == ["bl"]


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_image_holds_no_libc_no_heap_and_no_doubles(board: str) -> None:
    symbols = subprocess.run(
        ["arm-none-eabi-nm", str(build(board, "-Os"))], capture_output=True, text=True, check=True
    ).stdout
    assert not re.search(r"malloc|sbrk|printf|__aeabi_d|df[23]\b|uldivmod", symbols)


@pytest.mark.parametrize("board", QEMU_BOARDS)
def test_size_of_runtime_and_platform(board: str) -> None:
    sections = subprocess.run(
        ["arm-none-eabi-size", "-A", str(build(board, "-Os"))],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    size = dict(re.findall(r"^(\.\w+) +(\d+)", sections, re.MULTILINE))
    limit = 10_000
    if {"uf2", "mass_storage"} & {*load_board(board).sections}:  # they have one command more
        limit += 120
    assert int(size[".vectors"]) + int(size[".text"]) + int(size[".data"]) < limit
    assert int(size[".fw_stack"]) == load_board(board).stack_bytes
    assert int(size[".bss"]) < 300
