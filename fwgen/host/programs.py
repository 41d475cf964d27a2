"""Programs of this machine, and why one that is asked for cannot be run."""

from __future__ import annotations

import os
import shutil


def find_program(name: str) -> str | None:
    """The path of an executable program, given its name or path; None if there is no such
    program."""
    return shutil.which(name)


def why_missing(name: str) -> str:
    """Why ``find_program`` finds none, as a sentence without its end."""
    if os.path.dirname(name):
        return f"{name} {_what_it_is(name)}"
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    there = (os.path.join(folder or ".", name) for folder in folders)
    found = next((path for path in there if os.path.lexists(path)), None)
    return f"there is no {name} on the PATH" if found is None else f"{found} {_what_it_is(found)}"


def _what_it_is(path: str) -> str:
    if os.path.isdir(path):
        return "is a folder, not a program"
    if os.path.exists(path):
        return "is there, but it is not executable"
    return "is a link to nothing" if os.path.lexists(path) else "does not exist"
