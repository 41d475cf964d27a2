"""A board that stands still with empty memory: QEMU with a debugger stub and no image."""

from __future__ import annotations

import select
import socket
import subprocess
import time
from types import TracebackType

LIMIT_S = 20.0


class QemuBoard:
    """A machine of QEMU: its GDB server listens on ``port``. Its serial line is ``line``, or free
    for one client after another at ``url``."""

    def __init__(self, machine: str, *, free_line: bool = False) -> None:
        place = ("127.0.0.1", 0)
        with socket.create_server(place) as server, socket.create_server(place) as uart:
            self.port: int = server.getsockname()[1]
            line = uart.getsockname()
            self.url = f"socket://{line[0]}:{line[1]}"
            self._process = subprocess.Popen(
                [
                    *("qemu-system-arm", "-M", machine, "-display", "none", "-monitor", "none"),
                    *("-chardev", f"socket,id=uart,fd={uart.fileno()},server=on,wait=off"),
                    *("-serial", "chardev:uart"),
                    *("-chardev", f"socket,id=g,fd={server.fileno()},server=on,wait=off"),
                    *("-gdb", "chardev:g", "-S"),
                ],
                pass_fds=(uart.fileno(), server.fileno()),
                stdin=subprocess.DEVNULL,
            )
            self.line = socket.socket()
            if not free_line:
                self.line.connect(line)

    @property
    def place(self) -> str:
        """What ``--probe`` calls its server."""
        return f"127.0.0.1:{self.port}"

    def heard(self, word: bytes, limit_s: float = LIMIT_S) -> bytes:
        """What the firmware says, until it has said ``word``."""
        said, until = b"", time.monotonic() + limit_s
        while word not in said:
            left = until - time.monotonic()
            assert left > 0 and select.select([self.line], [], [], left)[0], said
            data = self.line.recv(4096)
            assert data, said
            said += data
        return said

    def kill(self) -> None:
        """Pull the plug."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> QemuBoard:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self.line.close()
