"""The host side of the serial link (docs/protocol.md): bytes -> checked answers."""

from fwgen.link.answers import Info, NpuCounts
from fwgen.link.client import Link, Timeouts
from fwgen.link.lines import Stream

__all__ = ["Info", "Link", "NpuCounts", "Stream", "Timeouts"]
