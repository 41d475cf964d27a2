"""The user's cache folder, for files that can be made again, and the one of what is going on."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from fwgen.host.stop import held_back


def cache_folder(name: str) -> Path | None:
    """``~/.cache/fwgen/NAME`` (or in ``XDG_CACHE_HOME``), None if there can be no such folder."""
    return _folder("XDG_CACHE_HOME", ".cache", name)


def state_folder(name: str) -> Path | None:
    """``~/.local/state/fwgen/NAME`` (or in ``XDG_STATE_HOME``), None likewise."""
    return _folder("XDG_STATE_HOME", ".local/state", name)


def _folder(variable: str, default: str, name: str) -> Path | None:
    base = os.environ.get(variable, "")
    try:
        root = Path(base) if os.path.isabs(base) else Path.home() / default
        folder = root / "fwgen" / name
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None
    return folder


def replace_file(path: Path, content: bytes) -> None:
    """Write ``path`` whole or not at all, over what others wrote meanwhile. Raises OSError."""
    with held_back():
        handle, staged = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(staged, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(staged)
        raise
