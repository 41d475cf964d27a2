"""Files -> project folder on disk: all of the new project or all of the old one, never a mixture.

A new tree is written beside the folder and the two are exchanged in one step of the file system.
Files that did not change keep their times, so that nothing is compiled again, and the folder's
``build`` directory moves along.
"""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fwgen import SCHEMA
from fwgen.errors import ToolError, UsageError
from fwgen.files import parse_json
from fwgen.render import MARKER

BUILD = "build"
"""The build directory inside a project; the only thing in it that is not rendered."""

_MARKER_BYTES = 64 << 20
"""More than the marker of any project has."""

_ASIDE = "-old"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def write(out: Path, files: Mapping[str, bytes]) -> None:
    """Make ``out`` hold exactly ``files`` and its build directory.

    Raises UsageError if ``out`` is something else than a free path, an empty folder or a project of
    ours, ToolError if it cannot be written; the old content is untouched then.
    """
    refuse_foreign(out)
    out = Path(os.path.realpath(out))
    _sweep(out)
    if _holds(out, files):
        return
    stage = out.parent / f".{out.name}.fwgen-{os.getpid()}"
    try:
        try:
            shutil.rmtree(stage, ignore_errors=True)
            _fill(stage, files, old=out)
            _exchange(stage, out)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise ToolError(
            f"The project could not be written: {error.strerror or error}.",
            at=str(error.filename or out),
            tries=("free disk space or choose another folder with -o",),
        ) from None


def describe(project: Path) -> dict[str, Any]:
    """What ``write`` left in the marker file. Raises UsageError if ``project`` is none of ours."""
    try:
        with (project / MARKER).open("rb") as file:
            data = parse_json(file.read(_MARKER_BYTES))
        if isinstance(data, dict) and type(data["schema"]) is int:
            if data["schema"] == SCHEMA:
                return data
            problem = f"has schema {data['schema']}, this fwgen knows {SCHEMA}"
        else:
            problem = f"has a damaged {MARKER}"
    except OSError:
        problem = f"has no readable {MARKER}"
    except (ValueError, KeyError):  # ValueError: also a NUL in the path
        problem = f"has a damaged {MARKER}"
    raise UsageError(
        f"This folder is not a project of fwgen: it {problem}.",
        at=str(project),
        tries=("fwgen build MODEL --board BOARD -o DIR",),
    )


def _sweep(out: Path) -> None:
    """Clear what killed writers left beside ``out``; bring back a project one had set aside."""
    for left in out.parent.glob(f".{glob.escape(out.name)}.fwgen-*"):
        writer = left.name.rpartition(".fwgen-")[2].removesuffix(_ASIDE)
        if not writer.isdigit() or _alive(int(writer)):
            continue
        if left.name.endswith(_ASIDE) and not out.exists():
            os.rename(left, out)
        shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def refuse_foreign(out: Path) -> None:
    """Raise what ``write`` would raise of what is at ``out``: to be asked before the work."""
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise UsageError("The output path exists and is not a folder.", at=str(out))
    if os.path.realpath(out) in (os.path.realpath("."), "/"):
        raise UsageError(
            "The output folder cannot be the current folder, because it is replaced as a whole.",
            at=str(out),
            tries=("name a folder below it with -o",),
        )
    try:
        content = os.listdir(out)
    except OSError as error:
        raise ToolError(
            f"The output folder cannot be read: {error.strerror}.", at=str(out)
        ) from None
    if content and MARKER not in content:
        raise UsageError(
            f"The output folder is not empty and not a project of fwgen (it has no {MARKER}).",
            at=str(out),
            tries=("choose another folder with -o", "empty it yourself if nothing in it matters"),
        )


def _rendered(out: Path) -> set[str]:
    """Relative paths of all files of a project outside its build directory."""
    found: set[str] = set()
    for folder, folders, names in os.walk(out):
        relative = os.path.relpath(folder, out)
        if relative == ".":
            folders[:] = [f for f in folders if f != BUILD]
        found.update(os.path.normpath(os.path.join(relative, n)) for n in names)
    return found


def _holds(out: Path, files: Mapping[str, bytes]) -> bool:
    if _rendered(out) != set(files):
        return False
    return all(_same(out / path, content) for path, content in files.items())


def _same(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _fill(stage: Path, files: Mapping[str, bytes], old: Path) -> None:
    for relative, content in sorted(files.items()):
        target = stage / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        if _same(old / relative, content):
            shutil.copy2(old / relative, target)
        else:
            target.write_bytes(content)


def _exchange(stage: Path, out: Path) -> None:
    """Put ``stage`` in the place of ``out``; what was there ends up in ``stage``."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if not out.exists():
        os.rename(stage, out)
        return
    if (out / BUILD).exists():
        os.rename(out / BUILD, stage / BUILD)
    libc = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(stage), os.fsencode(out))
    if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return
    # A file system without exchange: the old project is gone only between these two renames.
    aside = out.parent / f".{out.name}.fwgen-{os.getpid()}{_ASIDE}"
    os.rename(out, aside)
    try:
        os.rename(stage, out)
    except OSError:
        os.rename(aside, out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
