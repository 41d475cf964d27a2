"""A listener at a TCP port of this machine, for the tools of tests: a context manager."""

from __future__ import annotations

import socket
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Self


class Listener(ABC):
    """Listens on ``place`` from the beginning, and serves in a thread within the context."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.place = f"127.0.0.1:{self.port}"

    @abstractmethod
    def serve(self) -> None:
        """Talk to one client or several; an OSError ends it, as when the context is left."""

    def accept(self) -> socket.socket:
        """The next client, whose packets go out at once."""
        client, _ = self._server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def _run(self) -> None:
        with suppress(OSError):
            self.serve()

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, daemon=True).start()
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
