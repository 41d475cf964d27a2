"""A tool's own GDB server, in a process: OpenOCD's and pyOCD's."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.device.flash.remote_probe import RemoteProbe
from tests.device.flash.swd_wire import BitbangServer

START_S = 60.0
TOOLS = Path(sys.executable).parent


def openocd_server(server: BitbangServer, target: str, port: int) -> list[str]:
    """The command for a chip at a serial wire, described by one of OpenOCD's files."""
    return [
        *(str(TOOLS / "openocd-esp32"), "-f", str(server.config), "-f", target),
        *("-c", f"gdb_port {port}; tcl_port disabled; telnet_port disabled; init"),
    ]


def pyocd_server(probe: RemoteProbe, target: str, port: int) -> list[str]:
    """The command for a chip at a remote probe."""
    return [
        *(str(TOOLS / "pyocd"), "gdbserver", "--no-wait", "--no-config", "-u", probe.name),
        *("-t", target, "-p", str(port), "-T", "0"),
    ]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def serving(command: Sequence[str], port: int, folder: Path) -> Iterator[str]:
    """The place of the server that a command starts."""
    log = folder / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
    try:
        until = time.monotonic() + START_S
        while f"port {port}" not in (said := log.read_text().replace("\r", "")):
            assert server.poll() is None and time.monotonic() < until, said
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()
