"""Files that commands write: each is whole or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fwgen.errors import ToolError


def write_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of what ``path`` held, or raise ToolError and leave that."""
    staged = path.parent / f".{path.name}.{os.getpid()}"
    try:
        if path.exists() and not path.is_file():  # a pipe or /dev/stdout; a folder is an error
            path.write_bytes(content)
            return
        staged.write_bytes(content)
        staged.replace(path)
    except OSError as error:
        with suppress(OSError):
            staged.unlink()
        raise ToolError(f"The file could not be written: {error.strerror}.", at=str(path)) from None


def write_json(path: Path | None, result: Mapping[str, Any]) -> None:
    """Write a result for other programs, if there is a path to write it to."""
    if path is not None:
        write_file(path, (json.dumps(result, indent=1) + "\n").encode())
