"""Files -> project folder on disk: all of the new project or all of the old one, never a mixture.

A new tree is written beside the folder and the two are exchanged in one step of the file system.
Files that did not change keep their times, so that nothing is compiled again, and the folder's
``build`` directory moves along. So does what others put into the folder.
"""

from __future__ import annotations

import ctypes
import glob
import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fwgen import SCHEMA
from fwgen.errors import ToolError, UsageError, printable
from fwgen.host.files import parse_json
from fwgen.host.json_form import Form, fault
from fwgen.host.stop import held_back
from fwgen.project.kept import BUILD, FILES, MARKER, SAVED, Kept, digest, survey

USER = "user"
"""A folder of a project that fwgen never has files in: a place for its user's own."""

_MARKER_BYTES = 64 << 20
"""More than the marker of any project has."""

_MODELS: Form = [{"name": str}]
"""What the marker of a bundle has of its models."""

_NAMED = 10
_ASIDE = "-old"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def write(out: Path, files: Mapping[str, bytes], force: bool = False) -> Kept:
    """Make ``out`` hold ``files``, its build directory, and what in it is not fwgen's.

    Files of an old project that were edited since are replaced only by ``force``, and then keep
    another name. Raises UsageError if there are some, or if ``out`` is something else than a free
    path, an empty folder or a project of ours; ToolError if it cannot be written. The old content
    is untouched then.
    """
    refuse_foreign(out)
    out = Path(os.path.realpath(out))
    _sweep(out)
    stage = out.parent / f".{out.name}.fwgen-{os.getpid()}"
    try:
        kept = _survey(out, files)
        if kept.edited and not force:
            raise _edited(out, kept)
        if not kept.edited and not kept.outdated and _holds(out, files):
            return kept
        try:
            shutil.rmtree(stage, ignore_errors=True)
            _fill(stage, files, old=out)
            _carry(stage, kept, old=out)
            with held_back():
                _exchange(stage, out)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise ToolError(
            f"The project could not be written: {error.strerror or error}.",
            at=str(error.filename or out),
            tries=("free disk space or choose another folder with -o",),
        ) from None
    return kept


def _survey(out: Path, files: Mapping[str, bytes]) -> Kept:
    if not out.exists() or not os.listdir(out):
        return Kept((), {}, False)
    written = _marked(out).get(FILES, {})
    return survey(out, files, {**written, MARKER: digest((out / MARKER).read_bytes())})


def _edited(out: Path, kept: Kept) -> UsageError:
    """Says what of the user's would be replaced."""
    names = sorted(kept.edited)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return UsageError(
        "The project has files that were changed since fwgen wrote them, and that it would "
        f"replace: {', '.join(map(printable, names[:_NAMED]))}{more}.",
        at=str(out),
        tries=(
            f"--force, which keeps each as FILE{SAVED}",
            "another folder with -o",
            f"code of your own in a folder of its own, such as {USER}: fwgen leaves it alone",
        ),
    )


def describe(project: Path) -> dict[str, Any]:
    """What ``write`` left in the marker file, less the hashes of files. Raises UsageError if
    ``project`` is none of ours."""
    data = _marked(project)
    data.pop(FILES, None)
    return data


def require_one_model(project: Path, described: Mapping[str, Any]) -> None:
    """Raise UsageError for a bundle, by what ``describe`` has of it: a model is to be chosen."""
    names = models_of(described)
    if names:
        raise UsageError(
            f"The project has {len(names)} models in one image: {', '.join(names)}.",
            at=str(project),
            tries=tuple(f"the same with {project / name}" for name in names),
        )


def models_of(described: Mapping[str, Any]) -> list[str]:
    """The names of the models of a bundle in their order, none for the project of a model."""
    return [str(model["name"]) for model in described.get("models", ())]


def _marked(project: Path) -> dict[str, Any]:
    """The content of the marker file. Raises UsageError."""
    try:
        with (project / MARKER).open("rb") as file:
            data = parse_json(file.read(_MARKER_BYTES))
        if not isinstance(data, dict) or type(data["schema"]) is not int:
            problem = f"has a damaged {MARKER}"
        elif data["schema"] != SCHEMA:
            problem = f"has schema {data['schema']}, this fwgen knows {SCHEMA}"
        elif not _is_ours(data):
            problem = f"has a {MARKER} that is damaged or of something else"
        else:
            return dict(data)
    except OSError:
        problem = _unlike_project(project)
    except (ValueError, KeyError):  # ValueError: also a NUL in the path
        problem = f"has a damaged {MARKER}"
    model = str(project) if project.suffix == ".tflite" else "MODEL"
    raise UsageError(
        f"This is not a project of fwgen: it {problem}.",
        at=str(project),
        tries=(f"fwgen build {shlex.quote(model)} --board BOARD -o DIR",),
    )


def _is_ours(data: Mapping[str, Any]) -> bool:
    """Whether the content of a marker file has what fwgen writes into each."""
    kinds = {"fwgen": str, "board": str, "build_id": str, "memory": dict}
    hashes = data.get(FILES, {})
    return (
        all(isinstance(data.get(key), kind) for key, kind in kinds.items())
        and (isinstance(data.get("model"), dict) or fault(data.get("models"), _MODELS) is None)
        and isinstance(hashes, dict)
        and all(isinstance(value, str) for value in hashes.values())
    )


def _unlike_project(path: Path) -> str:
    if not os.path.lexists(path):
        return "does not exist"
    return f"has no readable {MARKER}" if path.is_dir() else "is not a folder"


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
    if MARKER in content:
        bundle = _marked(out).get("bundle")
        if bundle is not None:
            raise UsageError(
                "The output folder is a model of a project of several, which is made as a whole.",
                at=str(out),
                tries=(
                    "another folder with -o",
                    f"fwgen build of all its models, -o {out.parent}",
                ),
            )
        return
    if content:
        raise UsageError(
            f"The output folder is not empty and not a project of fwgen (it has no {MARKER}).",
            at=str(out),
            tries=("choose another folder with -o", "empty it yourself if nothing in it matters"),
        )


def require_place(out: Path) -> None:
    """Raise ToolError if there can be no folder ``out``, whatever of its path exists."""
    there = next((path for path in (out, *out.absolute().parents) if os.path.lexists(path)), out)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "cannot be written to" if there.is_dir() else "is not a folder"
        raise ToolError(
            f"The output folder cannot be made: {there} {why}.",
            at=str(out),
            tries=("choose another folder with -o",),
        )


def _holds(out: Path, files: Mapping[str, bytes]) -> bool:
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


def _carry(stage: Path, kept: Kept, old: Path) -> None:
    """Put what is kept into the new tree, under a second name: the old tree loses nothing yet."""
    for path, name in {**{path: path for path in kept.foreign}, **kept.edited}.items():
        source, target = old / path, stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not source.is_symlink():
            target.mkdir(exist_ok=True)
            continue
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError:  # a file system without hard links, or a file of somebody else
            shutil.copy2(source, target, follow_symlinks=False)


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
