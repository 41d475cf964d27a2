"""The host side of the serial link (docs/protocol.md): bytes -> checked answers."""

from fwgen.device.link.answers import FirmwareWindow, Info, NpuCounts
from fwgen.device.link.client import Link
from fwgen.device.link.exchange import Timeouts
from fwgen.device.link.lines import Stream

__all__ = ["FirmwareWindow", "Info", "Link", "NpuCounts", "Stream", "Timeouts"]
