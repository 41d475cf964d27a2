"""Files that commands read and write: what is written is whole or not there at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn

from fwgen.errors import ToolError, UsageError

STDOUT = Path("-")
"""As a path of JSON: standard output."""

_held: ContextVar[str] = ContextVar("_held", default="")


def read_input(path: Path, most_bytes: int, what: str) -> bytes:
    """All of a file that a user named, which has a bounded size. Raises UsageError; ``what`` is
    the file in words, such as "The result"."""
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise UsageError(f"{what} cannot be read: {_why(error)}.", at=str(path)) from None
    if len(data) > most_bytes:
        raise UsageError(
            f"{what} may have at most {most_bytes:,} bytes, but has more.", at=str(path)
        )
    return data


def write_file(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of what ``path`` held, or raise ToolError and leave that."""
    staged = path.parent / f".{path.name}.{os.getpid()}"
    try:
        if path.exists() and not path.is_file():  # a pipe or /dev/stdout; a folder is an error
            path.write_bytes(content)
            return
        try:
            staged.write_bytes(content)
            staged.replace(path)
        except BaseException:
            with suppress(OSError):
                staged.unlink()
            raise
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        _refuse(path, error)


def require_writable(path: Path | None) -> None:
    """Raise ToolError where ``write_file`` would: to be asked before the work, not after it."""
    if path is None or path == STDOUT:
        return
    try:
        if path.exists() and not path.is_file():
            with path.open("ab"):
                return
        staged = path.parent / f".{path.name}.{os.getpid()}"
        staged.touch()
        staged.unlink()
    except (OSError, ValueError) as error:
        _refuse(path, error)


def _refuse(path: Path, error: OSError | ValueError) -> NoReturn:
    raise ToolError(f"The file could not be written: {_why(error)}.", at=str(path)) from None


def _why(error: OSError | ValueError) -> object:
    return (error.strerror if isinstance(error, OSError) else None) or error


def write_json(path: Path | None, result: Mapping[str, Any]) -> None:
    """Write a result for other programs, if there is a path to write it to.

    For ``-`` it is held until the command line takes it, after all that is text.
    """
    if path is None:
        return
    text = json.dumps(result, indent=1) + "\n"
    if path == STDOUT:
        _held.set(text)
    else:
        write_file(path, text.encode())


def take_json() -> str:
    """The last result for standard output, once; "" if there is none."""
    text = _held.get()
    _held.set("")
    return text


def parse_json(data: bytes) -> Any:
    """The value of a JSON text. Raises ValueError for all that is none, NaN and infinity included,
    and for what nests too deep or has numbers too long to be read."""

    def refuse(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number of JSON")

    try:
        return json.loads(data, parse_constant=refuse)
    except RecursionError:
        raise ValueError("it nests too deep") from None
