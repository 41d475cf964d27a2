"""The report of a crash: an error that nobody foresaw, as a sentence and a file."""

from __future__ import annotations

import os
import platform
import shlex
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from fwgen import __version__
from fwgen.errors import Defect, FwgenError, ToolError
from fwgen.host.cache import cache_folder
from fwgen.host.packages import install
from fwgen.host.spelling import shown

VARIABLE = "FWGEN_REPORTS"
"""Names the folder for reports; by default they are in the user's cache, or else in /tmp."""


def as_ours(error: Exception, words: Sequence[str]) -> FwgenError:
    """What stands for an error that is none of ours, which ended the command ``words``.

    A Defect, whose report is written, unless it is a package that is missing.
    """
    name = (getattr(error, "name", None) or "").partition(".")[0]
    if isinstance(error, ModuleNotFoundError) and name not in ("", "fwgen"):
        return ToolError(
            f"The Python package {name} is missing or broken: {error}.",
            at=sys.executable,
            tries=(install(name),),
        )
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    path = _written(_report(error, words))
    return Defect(
        f"fwgen failed in a way that it should not, {shown(what)}.",
        at=str(path) if path else "no report could be written",
        tries=("report this as a fault of fwgen's, with that file",) if path else (),
    )


def _report(error: BaseException, words: Sequence[str]) -> bytes:
    lines = [
        f"fwgen {__version__}, Python {sys.version}",
        f"platform: {platform.platform()}",
        f"command: fwgen {shlex.join(words)}",
        f"folder: {_folder()}",
        "",
        *traceback.format_exception(error, limit=100),
    ]
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError as error:  # it may have been deleted
        return f"unknown: {error}"


def _written(report: bytes) -> Path | None:
    """The path of the crash report, None if no folder takes it."""
    named = os.environ.get(VARIABLE, "")
    for folder in (Path(named) if named else cache_folder("reports"), Path(tempfile.gettempdir())):
        if folder is None:
            continue
        path = folder / time.strftime(f"fwgen-%Y%m%d-%H%M%S-{os.getpid()}.txt")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(report)
        except OSError:
            continue
        return path
    return None
