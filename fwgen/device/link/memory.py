"""The memory of a device, where the host reaches it by another way than the line."""

from __future__ import annotations

from typing import Protocol


class DeviceMemory(Protocol):
    """Reads and writes while the firmware waits for a command.

    Addresses are the core's. Both raise a DeviceFault if the device refuses, and what the
    connection's ``read`` raises if it is gone, in bounded time.
    """

    def read(self, address: int, count: int) -> bytes: ...
    def write(self, address: int, data: bytes) -> None: ...
