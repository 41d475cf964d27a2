"""The claim on a device: one test at a time has it, whichever processes run tests."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fwgen.errors import DeviceUnavailable, ToolError
from fwgen.pytest_plugin.bench_file import Attached

_LOOK_S = 0.1


@contextmanager
def claimed(devices: Sequence[Attached], wait_s: float) -> Iterator[Attached]:
    """The first of ``devices`` that nobody has, ours until the end; a simulator is always free.

    The system ends a claim with the process that has it. Raises DeviceUnavailable if none gets free
    within ``wait_s``, ToolError if claims cannot be made on this machine.
    """
    until = time.monotonic() + wait_s
    while True:
        for device in devices:
            if device.key is None:
                yield device
                return
            lock = _locked(device.key)
            if lock is not None:
                try:
                    yield device
                finally:
                    os.close(lock)
                return
        if time.monotonic() >= until:
            raise _busy(devices, wait_s)
        time.sleep(_LOOK_S)


def _locked(key: str) -> int | None:
    """A descriptor that holds the lock of a device, and its owner in it; None if it is held."""
    path = _path(key)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ToolError(f"A device cannot be claimed: {error.strerror}.", at=str(path)) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _path(key: str) -> Path:
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"fwgen-claims-{os.getuid()}", digest)


def _busy(devices: Sequence[Attached], wait_s: float) -> DeviceUnavailable:
    owners = {device.key: _owner(device.key) for device in devices if device.key is not None}
    listed = ", ".join(f"{key} by process {owner}" for key, owner in owners.items())
    return DeviceUnavailable(
        f"No board of the bench became free within {wait_s:g} s; in use: {listed}.",
        tries=("--fwgen-wait S, to wait longer", "fewer processes at once, with -n"),
    )


def _owner(key: str) -> str:
    try:
        return _path(key).read_text()[:20] or "unknown"
    except (OSError, ValueError):
        return "unknown"
