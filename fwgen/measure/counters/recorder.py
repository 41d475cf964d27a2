"""The QEMU plugin ``recorder.c``, which depends on QEMU's version."""

from __future__ import annotations

from pathlib import Path

from fwgen.device.run.qemu_machine import qemu_major
from fwgen.host.native import shared_library

SOURCE = Path(__file__).with_name("recorder.c")


def recorder(qemu: str, scratch: Path) -> Path:
    """The plugin for that QEMU; ``scratch`` is for where there is no cache.

    QEMU 9 took version 1 of the plugin interface away; what the plugin uses did not change.
    Raises ToolError if there is no C compiler or it fails,
    DeviceUnavailable if there is no QEMU.
    """
    interface = f"-DPLUGIN_API={1 if qemu_major(qemu) < 9 else 2}"
    return shared_library(SOURCE, scratch, ("-fvisibility=hidden", interface))
