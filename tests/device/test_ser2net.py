"""The runner ``serial`` against ser2net, a server of RFC 2217 that many desks have."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fwgen.board import load_board
from fwgen.cli import main
from fwgen.device.link.faults import Disconnected
from fwgen.device.run import open_session
from fwgen.device.run.runner import Choice, Launch
from tests.conftest import OWN_MODELS, Fwgen
from tests.device.farm.bench_board import FlashedBoard

DIGITS = next(path for path in OWN_MODELS if path.stem == "digits")
BOARD = "mps2-an386"
START_S = 20.0


@contextmanager
def served(line: str) -> Iterator[str]:
    """The URL of a line that ser2net serves."""
    program = shutil.which("ser2net", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "tools/setup dev installs ser2net"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = (
        "connection: &board#",
        f"  accepter: telnet(rfc2217,mode=server),tcp,127.0.0.1,{port}",
        f"  connector: serialdev(nouucplock=true),{line},115200n81,local",
        "  options:",
        "    max-connections: 10",
    )
    words = [word for setting in settings for word in ("-Y", setting)]
    process = subprocess.Popen([program, "-d", "-n", *words], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < until and process.poll() is None
                time.sleep(0.05)
        yield f"rfc2217://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose image is built."""
    folder = tmp_path_factory.mktemp("built") / "digits"
    assert main(["build", str(DIGITS), "-b", BOARD, "-q", "-o", str(folder)]) == 0
    return folder


@pytest.fixture
def board(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlashedBoard]:
    """A board that runs the project."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = FlashedBoard(BOARD, project / "build" / "firmware.elf")
    made.on()
    yield made
    made.unplug()


def test_a_board_behind_ser2net_computes_what_its_simulator_does(
    fwgen: Fwgen, project: Path, board: FlashedBoard, tmp_path: Path
) -> None:
    """Again and again: the server opens and closes the line with each session."""
    results = []
    with served(board.line) as url:
        for options in ((), ("--port", url), ("--port", url)):
            path = tmp_path / "result.json"
            done = fwgen("run", project, *options, "-q", "--json", path)
            assert done.returncode == 0, done.stderr
            results.append(json.loads(path.read_text()))
    assert [result["runner"] for result in results] == ["qemu", "serial", "serial"]
    for result in results[1:]:
        assert result["outputs"] == results[0]["outputs"]
        assert result["build_id"] == results[0]["build_id"]


def test_a_board_that_is_pulled_out_behind_ser2net_is_told(
    project: Path, board: FlashedBoard, fwgen: Fwgen, capfd: pytest.CaptureFixture[str]
) -> None:
    """Amid a session, and before the next one: without a traceback of pyserial's reader."""
    with served(board.line) as url:
        image = project / "build" / "firmware.elf"
        launch = Launch(load_board(BOARD), image, Choice("serial", {"--port": url}))
        with pytest.raises(Disconnected, match="The serial port is gone"):  # noqa: SIM117
            with open_session(launch) as session:
                board.unplug()
                session.link.stack()
        done = fwgen("run", project, "--port", url)
        assert done.returncode in (6, 7) and url in done.stderr, done.stderr
    assert "Traceback" not in capfd.readouterr().err + done.stderr
