"""``fwgen monitor``: text as it comes, faults with their place, its end by the user."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest
from elftools.elf.elffile import ELFFile

from fwgen.board import load_board
from fwgen.cli import main
from fwgen.device.link.faults import FirmwareFault
from fwgen.device.run import open_session
from fwgen.device.run.runner import Choice, Launch
from fwgen.device.run.symbols import places
from tests.conftest import OWN_MODELS, ROOT, Fwgen
from tests.device.fake_device import Device
from tests.device.stand_in_board import PtyDevice, device_at_port

DIGITS = str(next(path for path in OWN_MODELS if path.stem == "digits"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "digits"
    assert main(["build", DIGITS, "-b", "mps2-an386", "-q", "-o", str(folder)]) == 0
    return folder


def start(
    tmp_path: Path, *words: object, stdout: int | TextIO = subprocess.PIPE
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fwgen", "monitor", *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path)},
        # A shell's background jobs ignore Ctrl-C, and so would all that they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def address_of(image: Path, name: str) -> int:
    with image.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return int(table.get_symbol_by_name(name)[0]["st_value"]) & ~1


def test_what_is_typed_is_answered_at_once_and_the_user_ends_it(tmp_path: Path) -> None:
    with device_at_port(Device()) as port:
        monitor = start(tmp_path, "--port", port)
        assert monitor.stdin and monitor.stdout
        monitor.stdin.write("name%\n")
        monitor.stdin.flush()
        assert [monitor.stdout.readline() for _ in range(2)] == [
            "m-name-dut-[fwgen]\n",
            "m-ready\n",
        ]
        monitor.send_signal(signal.SIGINT)
        _, told = monitor.communicate(timeout=60)
        assert monitor.returncode == 130 and "interrupted" in told


def test_a_fault_is_explained_below_its_line(project: Path, tmp_path: Path) -> None:
    image = project / "build" / "firmware.elf"
    pc, lr = address_of(image, "fw_model_invoke") + 2, address_of(image, "fw_main") + 5
    line = f"e-[fault bus-error pc={pc:08x} lr={lr:08x} cfsr=0 op=1]\r\n\x1b[2Jm-fw-end\r\n\x04"
    board = PtyDevice(lambda data: line.encode() if b"fw-run" in data else b"")
    result = tmp_path / "result.json"
    words = (project, "--port", board.port, "--for", "2", "--json", result)
    said, told = start(tmp_path, *words).communicate("fw-run%", timeout=60)
    board.close()
    assert said.splitlines()[1] == (
        "fwgen: The firmware stopped with a fault in op 1: bus-error. It was: "
        "DEPTHWISE_CONV_2D is op 1, at fw_model_invoke+0x2, called from fw_main+0x4."
    ), told
    assert said.splitlines()[2] == "\\x1b[2Jm-fw-end"
    found = json.loads(result.read_text())
    assert found["faults"] == ["The firmware stopped with a fault in op 1: bus-error."]


def test_a_fault_of_a_session_is_placed_too(project: Path) -> None:
    image, device = project / "build" / "firmware.elf", Device()
    pc = address_of(image, "fw_main") + 8
    line = f"e-[fault bus-error pc={pc:08x} lr=00000000 op=1]\r\n".encode()
    board = PtyDevice(lambda data: line if b"fw-run" in data else device.feed(data, 0.0))
    launch = Launch(
        load_board("mps2-an386"), image, Choice("serial", {"--port": board.port, "--baud": "9600"})
    )
    with pytest.raises(FirmwareFault, match="bus-error") as caught, open_session(launch) as session:
        session.link.load(bytes(device.inputs))
        session.link.run()
    board.close()
    assert caught.value.at.endswith(": at fw_main+0x8")


def test_on_qemu_it_starts_the_image(project: Path, tmp_path: Path) -> None:
    said, _ = start(tmp_path, project, "--for", "3").communicate("name%")
    assert said.startswith("m-timestamp-mode-performance\n") and "m-name-dut-[fwgen]" in said


def test_an_unplugged_board_ends_it(tmp_path: Path) -> None:
    board = PtyDevice(lambda data: None)
    monitor = start(tmp_path, "--port", board.port)
    _, told = monitor.communicate("x")
    board.close()
    assert monitor.returncode == 7 and "The serial port is gone" in told


def test_a_disk_that_is_full_ends_it(tmp_path: Path) -> None:
    with device_at_port(Device()) as port, open("/dev/full", "w") as full:
        monitor = start(tmp_path, "--port", port, "--for", 60, stdout=full)
        _, told = monitor.communicate("name%", timeout=60)
    assert monitor.returncode == 5
    assert told.splitlines()[1:] == [
        "error: What the device says could not be printed: No space left on device.",
        "  at:  stdout",
    ]


def test_something_to_listen_to_is_asked_for(fwgen: Fwgen) -> None:
    done = fwgen("monitor")
    assert done.returncode == 2 and "--port /dev/ttyACM0" in done.stderr


def test_addresses_that_are_in_no_function_are_not_placed(project: Path) -> None:
    image = project / "build" / "firmware.elf"
    for fields in ({}, {"pc": "00000000"}, {"pc": "zz", "lr": "ffffffff"}):
        assert places(fields, image) == ""
    pc = f"{address_of(image, 'fw_main'):08x}"
    assert places({"pc": pc}, image) == "at fw_main+0x0"
    assert places({"pc": pc}, project / "missing.elf") == ""
    assert places({"pc": pc}, project / "fwgen.json") == ""


def test_a_port_without_its_option_is_told(fwgen: Fwgen) -> None:
    done = fwgen("monitor", "/dev/ttyACM0")
    assert done.returncode == 2 and "fwgen monitor --port /dev/ttyACM0" in done.stderr
