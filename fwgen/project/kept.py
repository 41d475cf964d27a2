"""Files that are kept when a project is generated again: those that fwgen did not write, or not
as they are.

fwgen.json has a hash of every file of the project. What it does not name, or what has another
hash, was made by somebody else.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MARKER = "fwgen.json"
"""The file that tells a folder is a project of ours; what it holds is the ``build --json`` data."""

FILES = "files"
"""In the marker: the hashes of all other files of the project."""

BUILD = "build"
"""The build directory inside a project: the build tools', and never looked into."""

SAVED = ".orig"
"""Ending of the copy of a file that was in the way."""


@dataclass(frozen=True)
class Kept:
    """What of an old project stays beside the files of the new one, by relative path.

    ``foreign`` are files, links and empty folders that fwgen did not write. ``edited`` are in the
    way of a new file or belong to none any more, and maps each to the name under which it could
    stay. ``outdated`` says whether files of fwgen's own are no longer wanted.
    """

    foreign: tuple[str, ...]
    edited: Mapping[str, str]
    outdated: bool


def digest(content: bytes) -> str:
    """The hash that fwgen.json has of a file."""
    return hashlib.sha256(content).hexdigest()


def survey(out: Path, files: Mapping[str, bytes], written: Mapping[str, str]) -> Kept:
    """What is in ``out`` that neither the new ``files`` nor the hashes ``written`` account for.

    Links are not followed. Raises OSError.
    """
    folders = {str(parent) for path in files for parent in Path(path).parents}
    present = list(_entries(out))
    taken = {*present, *files}
    foreign, edited = [], {}
    outdated = False
    for path in present:
        known = path in written or path in files  # others may be of any size
        content = _content(out / path) if known else None
        if content is not None and written.get(path) == digest(content):
            outdated |= path not in files
            continue
        if (path in files and content == files[path]) or (
            path in folders and _is_folder(out / path)
        ):
            continue
        blocked = _blocked(path, files)
        if blocked or path in written or path in folders:
            edited[path] = _beside(path, blocked or path, taken)
        else:
            foreign.append(path)
    return Kept(tuple(foreign), edited, outdated)


def _entries(out: Path) -> Iterator[str]:
    """Relative paths of files, links and empty folders, but of nothing that is built."""
    for folder, folders, names in os.walk(out, onerror=_fail):
        relative = os.path.relpath(folder, out)
        if relative == os.curdir:
            folders[:] = [name for name in folders if name != BUILD]
            names = [name for name in names if name != BUILD]
        elif not folders and not names:
            yield relative
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*names, *links):
            yield os.path.normpath(os.path.join(relative, name))


def _fail(error: OSError) -> None:
    raise error


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _content(path: Path) -> bytes | None:
    """Of a regular file; None for anything else."""
    return path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else None


def _blocked(path: str, files: Mapping[str, bytes]) -> str:
    """The new file with the name of ``path`` or of one of its folders, "" if there is none."""
    return next((str(p) for p in (Path(path), *Path(path).parents) if str(p) in files), "")


def _beside(path: str, blocked: str, taken: set[str]) -> str:
    """A name for ``path`` with another ending of its part ``blocked``, which nothing has."""
    number = ""
    while True:
        name = f"{blocked}{SAVED}{number}{path[len(blocked) :]}"
        if not any(name == t or t.startswith(f"{name}/") for t in taken):
            taken.add(name)
            return name
        number = str(int(number or 1) + 1)
