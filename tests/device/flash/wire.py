"""A TCP wire between a tool and a stand-in, on which bits may flip and which may be cut."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

Change = Callable[[bytes], bytes | None]
"""What becomes of bytes on their way to the stand-in; None cuts the wire."""


class Wire:
    """Listens on ``place`` and connects to a port of this machine."""

    def __init__(self, port: int, change: Change) -> None:
        self._port, self._change = port, change
        self._server = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def _carry(self) -> None:
        with suppress(OSError):
            near, _ = self._server.accept()
            with near, socket.create_connection(("127.0.0.1", self._port)) as far:
                while True:
                    for end in select.select([near, far], [], [])[0]:
                        data = end.recv(1 << 16)
                        if not data:
                            return
                        if end is far:
                            near.sendall(data)
                        elif (changed := self._change(data)) is not None:
                            far.sendall(changed)
                        else:
                            return

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
