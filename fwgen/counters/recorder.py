"""The QEMU plugin ``recorder.c``: compiled on first use, kept in the user's cache."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from fwgen.counters.cache import cache_folder, replace_file
from fwgen.errors import DeviceUnavailable, ToolError

SOURCE = Path(__file__).with_name("recorder.c")

_FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared", "-fvisibility=hidden")


def recorder(qemu: str, scratch: Path) -> Path:
    """The plugin for that QEMU; ``scratch`` is for where there is no cache.

    QEMU 9 took version 1 of the plugin interface away; what the plugin uses did not change.
    Raises ToolError if there is no C compiler or it fails,
    DeviceUnavailable if there is no QEMU.
    """
    interface = f"-DPLUGIN_API={1 if _major(qemu) < 9 else 2}"
    source = SOURCE.read_bytes()
    identity = "\0".join((*_FLAGS, interface, platform.machine())).encode()
    folder = cache_folder("recorder") or scratch
    path = folder / f"{hashlib.sha256(source + identity).hexdigest()[:16]}.so"
    if not path.is_file():
        content = _compile((*_FLAGS, interface))
        try:
            replace_file(path, content)
        except OSError:
            path = scratch / path.name
            path.write_bytes(content)
    return path


def _major(qemu: str) -> int:
    """QEMU's major version."""
    try:
        done = subprocess.run([qemu, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise DeviceUnavailable(
            f"QEMU does not run: {error.strerror}.", at=qemu, tries=("apt install qemu-system-arm",)
        ) from None
    found = re.search(r"version (\d+)", done.stdout)
    if not found:
        raise ToolError("QEMU does not say its version.", at=qemu)
    return int(found[1])


def _compile(flags: tuple[str, ...]) -> bytes:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise ToolError(
            "A C compiler for this machine is needed to record what QEMU executes.",
            at="cc",
            tries=("apt install gcc libc6-dev",),
        )
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "recorder.so")
        done = subprocess.run(
            [compiler, *flags, "-o", str(output), str(SOURCE)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0 or not output.is_file():
            lines = done.stderr.splitlines() or ["no output"]
            cause = next((line for line in lines if "error" in line), lines[-1])
            raise ToolError(f"The recorder does not compile: {cause.strip()}", at=compiler)
        return output.read_bytes()
