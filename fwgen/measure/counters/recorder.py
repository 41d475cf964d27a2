"""The QEMU plugin ``recorder.c``, which depends on QEMU's version."""

from __future__ import annotations

import re
from pathlib import Path

from fwgen.errors import DeviceUnavailable, ToolError
from fwgen.host.children import run
from fwgen.host.native import shared_library

SOURCE = Path(__file__).with_name("recorder.c")


def recorder(qemu: str, scratch: Path) -> Path:
    """The plugin for that QEMU; ``scratch`` is for where there is no cache.

    QEMU 9 took version 1 of the plugin interface away; what the plugin uses did not change.
    Raises ToolError if there is no C compiler or it fails,
    DeviceUnavailable if there is no QEMU.
    """
    interface = f"-DPLUGIN_API={1 if _major(qemu) < 9 else 2}"
    return shared_library(SOURCE, scratch, ("-fvisibility=hidden", interface))


def _major(qemu: str) -> int:
    """QEMU's major version."""
    try:
        done = run([qemu, "--version"])
    except ToolError as error:
        raise DeviceUnavailable(
            f"QEMU does not run: {error.what}", at=qemu, tries=("apt install qemu-system-arm",)
        ) from None
    found = re.search(r"version (\d+)", done.stdout)
    if not found:
        raise ToolError("QEMU does not say its version.", at=qemu)
    return int(found[1])
