"""Scratch files: gone in the end, and a UsageError or ToolError where there is no room for them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fwgen.errors import ToolError
from fwgen.host.stop import held_back


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for as long as it is needed.

    Raises ToolError if it cannot be made, and for what the system says of files in it.
    """
    try:
        with held_back():
            made = tempfile.TemporaryDirectory(prefix="fwgen-", ignore_cleanup_errors=True)
    except OSError as error:
        raise _unusable(error) from None
    try:
        yield Path(made.name)
    except OSError as error:
        # a write that fails for want of space does not say where
        if error.filename is None or os.fspath(error.filename).startswith(made.name):
            raise _unusable(error) from error
        raise
    finally:
        with held_back():
            made.cleanup()


def scratch_file() -> IO[bytes]:
    """A file without a name, open to read and append. Raises ToolError if it cannot be made."""
    try:
        with held_back():
            return tempfile.TemporaryFile("a+b", prefix="fwgen-")
    except OSError as error:
        raise _unusable(error) from None


def _unusable(error: OSError) -> ToolError:
    try:
        place = tempfile.gettempdir()
    except OSError:
        place = os.environ.get("TMPDIR", "/tmp")
    return ToolError(
        f"The folder for temporary files cannot be used: {error.strerror or error}.",
        at=place,
        tries=("free space in it", "TMPDIR=FOLDER in the environment, for another one"),
    )
