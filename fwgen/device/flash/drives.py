"""Drives that take an image as a file: those that are mounted, and the copy onto one."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from fwgen.device.flash.flash_faults import ProbeLost
from fwgen.errors import DeviceFault

MOUNTS = Path("/proc/self/mounts")
"""The mounted file systems of this machine, on Linux."""

VANISH_S = 30.0
"""The time that a drive has to take the file in: a full flash of 4 MB takes about half of it."""

UF2_INFO, PROBE_INFO = "INFO_UF2.TXT", "DETAILS.TXT"
"""By which a drive is known as that of a UF2 bootloader, or of a debug probe."""

_LOOK_S = 0.1
_INFO_BYTES = 4096
_KINDS = frozenset({"vfat", "msdos", "fuseblk", "exfat"})
_OCTAL = re.compile(r"\\([0-7]{3})")


def drives_with(name: str) -> tuple[Path, ...]:
    """The mount points of drives that have a file with that name."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        _, place, kind, *_ = [*line.split(" "), "", "", ""]
        folder = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), place))
        with suppress(OSError):
            if kind in _KINDS and (folder / name).is_file():
                found.append(folder)
    return tuple(found)


def may_be_drive(name: str, info: str) -> bool:
    """Whether a name is that of a folder that is a drive with the file ``info``, or of none."""
    folder = Path(name)
    if not folder.is_dir() and "/" not in name:
        return False
    kinds = [each for each in (UF2_INFO, PROBE_INFO) if is_there(folder / each)]
    return info in kinds or not kinds


def start_of_file(path: Path) -> str:
    """The beginning of a text file; nothing if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_INFO_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def line_of_file(path: Path, key: str) -> str:
    """What follows ``KEY:`` on a line of a short text file; nothing if there is no such line."""
    match = re.search(rf"^{re.escape(key)}:[ \t]*(.*?)\s*$", start_of_file(path), re.MULTILINE)
    return match[1] if match else ""


def copy_onto(folder: Path, name: str, content: bytes) -> None:
    """Copy a file onto a drive, which takes it and then is unmounted or empties itself.

    Raises ProbeLost for a drive that goes before it has all, DeviceFault for one that refuses the
    file or keeps it.
    """
    path = folder / name
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if not folder.is_dir():
            raise ProbeLost(
                f"The drive went away before it had all {len(content):,} bytes.",
                at=str(folder),
                tries=("plug the board in again in its bootloader", "look at the cable"),
            ) from None
        raise DeviceFault(
            f"The drive does not take the file: {error.strerror or error}.", at=str(path)
        ) from None
    until = time.monotonic() + VANISH_S
    while is_there(path):
        if time.monotonic() > until:
            raise DeviceFault(
                f"The drive has not taken the file within {VANISH_S:g} s: it is still there.",
                at=str(path),
                tries=("look whether the drive says why, in a file such as FAIL.TXT",),
            )
        time.sleep(_LOOK_S)


def is_there(path: Path) -> bool:
    """Whether a path is there; not, on a drive that is about to go."""
    with suppress(OSError):
        return path.exists()
    return False
