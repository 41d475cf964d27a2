"""A TCP wire between a tool and a stand-in, on which bits may flip and which may be cut."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

from tests.device.flash.listener import Listener

Change = Callable[[bytes], bytes | None]
"""What becomes of bytes on their way to the stand-in; None cuts the wire."""


class Wire(Listener):
    """Listens on ``place`` for one client after another, and connects each to a port of this
    machine."""

    def __init__(self, port: int, change: Change) -> None:
        super().__init__()
        self._far, self._change = port, change

    def serve(self) -> None:
        while True:
            with self.accept() as near, socket.create_connection(("127.0.0.1", self._far)) as far:
                self._carry(near, far)

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        """Until one end is closed, or the wire is cut."""
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
