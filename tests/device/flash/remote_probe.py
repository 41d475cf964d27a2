"""The server side of pyOCD's remote probe before a debug port: JSON, a request a line.

Source: pyOCD's ``probe/tcp_client_probe.py``, whose client it serves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.device.flash.debug_port import DebugPort
from tests.device.flash.listener import Listener

TRANSFER_FAULT = 12
PROPERTIES = {
    "vendor_name": "Stand-in",
    "product_name": "debug port",
    "supported_wire_protocols": ["DEFAULT", "SWD"],
    "wire_protocol": "SWD",
    "capabilities": ["SWJ_SEQUENCE"],
}


class RemoteProbe(Listener):
    """Listens on ``name``, as ``--probe`` has it, for one client after another.

    ``change`` is what becomes of words on their way into memory. When ``pulled`` says so, the plug
    is pulled: nobody is there any more.
    """

    def __init__(
        self, port: DebugPort, change: Callable[[list[int]], list[int]] = lambda words: words
    ) -> None:
        super().__init__()
        self._debug, self._change = port, change
        self.asked = 0  # requests
        self.pulled: Callable[[], bool] = lambda: False
        self.name = f"remote:{self.place}"

    def serve(self) -> None:
        while True:
            with self.accept() as client, client.makefile("rb") as lines:
                for line in lines:
                    if self.pulled():
                        return
                    self.asked += 1
                    client.sendall(json.dumps(self._answer(json.loads(line))).encode() + b"\n")

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            result = self._do(asked["request"], asked.get("arguments", []))
        except OSError as error:
            return {"id": asked["id"], "status": TRANSFER_FAULT, "error": str(error)}
        return {"id": asked["id"], "status": 0, "result": result}

    def _do(self, request: str, given: list[Any]) -> object:
        port = self._debug
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
