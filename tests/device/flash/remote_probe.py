"""The server side of pyOCD's remote probe before a debug port: JSON, a request a line.

Source: pyOCD's ``probe/tcp_client_probe.py``, whose client it serves.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

from tests.device.flash.debug_port import DebugPort

TRANSFER_FAULT = 12
PROPERTIES = {
    "vendor_name": "Stand-in",
    "product_name": "debug port",
    "supported_wire_protocols": ["DEFAULT", "SWD"],
    "wire_protocol": "SWD",
    "capabilities": ["SWJ_SEQUENCE"],
}


class RemoteProbe:
    """Listens on ``name``, as ``--probe`` has it, for one client after another.

    ``change`` is what becomes of words on their way into memory.
    """

    def __init__(
        self, port: DebugPort, change: Callable[[list[int]], list[int]] = lambda words: words
    ) -> None:
        self._port, self._change = port, change
        self._server = socket.create_server(("127.0.0.1", 0))
        self.name = f"remote:127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with client, client.makefile("rb") as lines:
                    for line in lines:
                        client.sendall(json.dumps(self._answer(json.loads(line))).encode() + b"\n")

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            result = self._do(asked["request"], asked.get("arguments", []))
        except OSError as error:
            return {"id": asked["id"], "status": TRANSFER_FAULT, "error": str(error)}
        return {"id": asked["id"], "status": 0, "result": result}

    def _do(self, request: str, given: list[Any]) -> object:
        port = self._port
        match request:
            case "readprop":
                return PROPERTIES[given[0]]
            case "read_dp":
                return port.read_dp(given[0] & 15)
            case "write_dp":
                port.write_dp(given[0] & 15, given[1])
            case "read_ap":
                return port.read_ap(given[0] & 15)
            case "write_ap":
                port.write_ap(given[0] & 15, given[1])
            case "read_ap_multiple":
                return port.read_block(given[1])
            case "write_ap_multiple":
                port.write_block(self._change(given[1]))
            case "reset":
                port.core.reset()
            case "assert_reset":
                if not given[0]:
                    port.core.reset()
            case "is_reset_asserted":
                return False
        return None

    def __enter__(self) -> RemoteProbe:
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
