"""Native libraries of fwgen: C sources, compiled on first use and kept in the user's cache."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from fwgen.errors import ToolError
from fwgen.host.cache import cache_folder, replace_file
from fwgen.host.children import run
from fwgen.host.environment import tool_environment
from fwgen.host.programs import find_program
from fwgen.host.scratch import scratch_folder

_FLAGS = ("-std=c11", "-O2", "-fPIC", "-shared")


def cached_library(source: Path, flags: Sequence[str] = ()) -> Path | None:
    """The shared library of one C file if it has been compiled before, for this machine."""
    folder = cache_folder(source.stem)
    path = folder / _name(source, flags) if folder else None
    return path if path and path.is_file() else None


def shared_library(source: Path, scratch: Path, flags: Sequence[str] = ()) -> Path:
    """The shared library of one C file; ``scratch`` is for where there is no cache.

    Raises ToolError if there is no C compiler or it fails.
    """
    found = cached_library(source, flags)
    if found is not None:
        return found
    compiled = _compile(source, (*_FLAGS, *flags))
    folder, name = cache_folder(source.stem), _name(source, flags)
    if folder is not None:
        with suppress(OSError):
            replace_file(folder / name, compiled)
            return folder / name
    (scratch / name).write_bytes(compiled)
    return scratch / name


def _name(source: Path, flags: Sequence[str]) -> str:
    """One for each content of the file, way to compile it, and kind of machine."""
    identity = "\0".join((*_FLAGS, *flags, platform.machine())).encode()
    return f"{hashlib.sha256(source.read_bytes() + identity).hexdigest()[:16]}.so"


def _compile(source: Path, flags: tuple[str, ...]) -> bytes:
    compiler = find_program("cc") or find_program("gcc")
    if compiler is None:
        raise ToolError(
            f"A C compiler for this machine is needed for {source.name}.",
            at="cc",
            tries=("apt install gcc libc6-dev",),
        )
    with scratch_folder() as folder:
        output = folder / "library.so"
        command = [compiler, *flags, "-o", str(output), str(source)]
        done = run(command, env=tool_environment())
        if done.returncode != 0 or not output.is_file():
            lines = done.stderr.splitlines() or ["no output"]
            cause = next((line for line in lines if "error" in line), lines[-1])
            raise ToolError(f"{source.name} does not compile: {cause.strip()}", at=compiler)
        return output.read_bytes()
