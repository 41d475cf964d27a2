"""A board that stands still with empty memory: QEMU with a debugger stub and no image."""

from __future__ import annotations

import select
import socket
import subprocess
import time
from types import TracebackType

LIMIT_S = 20.0


class QemuBoard:
    """A machine of QEMU: its GDB server listens on ``port``, its serial line is ``line``."""

    def __init__(self, machine: str) -> None:
        self.line, uart = socket.socketpair()
        with socket.create_server(("127.0.0.1", 0)) as server, uart:
            self.port: int = server.getsockname()[1]
            self._process = subprocess.Popen(
                [
                    *("qemu-system-arm", "-M", machine, "-display", "none", "-monitor", "none"),
                    *("-chardev", f"socket,id=uart,fd={uart.fileno()}", "-serial", "chardev:uart"),
                    *("-chardev", f"socket,id=g,fd={server.fileno()},server=on,wait=off"),
                    *("-gdb", "chardev:g", "-S"),
                ],
                pass_fds=(uart.fileno(), server.fileno()),
                stdin=subprocess.DEVNULL,
            )

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
