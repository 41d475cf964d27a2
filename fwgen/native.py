"""C sources that are part of fwgen itself: compiled on first use, kept in the user's cache."""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fwgen.cache import cache_folder, replace_file
from fwgen.errors import ToolError

_FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared")


def shared_library(source: Path, scratch: Path, flags: Sequence[str] = ()) -> Path:
    """The shared library of one C file; ``scratch`` is for where there is no cache.

    Raises ToolError if there is no C compiler or it fails.
    """
    content = source.read_bytes()
    identity = "\0".join((*_FLAGS, *flags, platform.machine())).encode()
    folder = cache_folder(source.stem) or scratch
    path = folder / f"{hashlib.sha256(content + identity).hexdigest()[:16]}.so"
    if not path.is_file():
        compiled = _compile(source, (*_FLAGS, *flags))
        try:
            replace_file(path, compiled)
        except OSError:
            path = scratch / path.name
            path.write_bytes(compiled)
    return path


def _compile(source: Path, flags: tuple[str, ...]) -> bytes:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise ToolError(
            f"A C compiler for this machine is needed for {source.name}.",
            at="cc",
            tries=("apt install gcc libc6-dev",),
        )
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "library.so")
        done = subprocess.run(
            [compiler, *flags, "-o", str(output), str(source)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0 or not output.is_file():
            lines = done.stderr.splitlines() or ["no output"]
            cause = next((line for line in lines if "error" in line), lines[-1])
            raise ToolError(f"{source.name} does not compile: {cause.strip()}", at=compiler)
        return output.read_bytes()
