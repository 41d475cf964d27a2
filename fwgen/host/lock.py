"""One writer at a time for a folder: a lock beside it, which is gone when nobody holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fwgen.errors import ToolError


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder``, which need not exist; another who wants it waits.

    The lock ends with its process, however that ends. Raises ToolError if it cannot be made.
    """
    real = Path(os.path.realpath(folder))
    path = real.parent / f".{real.name}.fwgen-lock"
    try:
        try:
            real.parent.mkdir(parents=True, exist_ok=True)
            lock, made = _locked(path), True
        except OSError:
            if not real.is_dir():
                raise
            lock, made = _locked_folder(real), False  # nothing may be written beside it
    except OSError as error:
        raise ToolError(
            f"The project cannot be locked: {error.strerror}.",
            at=str(path),
            tries=("choose another folder with -o",),
        ) from None
    try:
        yield
    finally:
        if made:
            with suppress(OSError):
                os.unlink(path)  # while it is held: who waits for it will see that it is gone
        os.close(lock)


def _locked(path: Path) -> int:
    """A descriptor of the lock file, locked, and still the file of that name."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is_at(lock, path):
                return lock
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)


def _locked_folder(folder: Path) -> int:
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _is_at(lock: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False
