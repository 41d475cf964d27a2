"""The naming of folders: a user's names -> folder names that any tool takes; and the refusal of
paths that some tools do not take.

CMake, Ninja, a shell, the compiler and the linker each have characters of their own in a path.
fwgen's own names are free of these characters. A user's path with one of them is refused, and the
error names the character.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from fwgen import GOALS
from fwgen.errors import UsageError

_PART_CHARACTERS = 80
_NAME_BYTES = 200
"""Of a folder's name: fwgen's own beside it are longer, and file systems stop at 255."""

_PATH_BYTES = 3500
"""Of a folder's path, so that the files in it stay below the 4,096 that Linux takes."""

_REFUSED = frozenset('"#$;\\|[]*?<>^`')
"""Each makes CMake 3.25 or Ninja 1.11 fail, or would be a command for the shell of a link line."""


def folder_name(model: str, board: str, words: Sequence[str] = ()) -> str:
    """The folder of a model's project for a board: ``MODEL-BOARD``, then what its variant is.

    Names that differ, differ here too: what is no safe name by itself gets a hash of it.
    """
    return "-".join((safe_name(model), board, *map(safe_name, words)))


def safe_name(name: str) -> str:
    """A name of letters, digits, ``_`` and inside ``-`` and ``.``, as it is if it is one."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:_PART_CHARACTERS]
    safe = re.sub(r"^[.-]|[.-]$", "_", safe)
    if safe == name and safe:
        return safe
    return f"{safe or 'model'}-{short_hash(name)}"


def option_words(goal: str, strict: bool, places: Sequence[str]) -> list[str]:
    """The words of a variant for what is asked of kernels and places."""
    return [
        *([goal] if goal != GOALS[0] else []),
        *(["strict"] if strict else []),
        *([f"place-{short_hash(chr(0).join(places))}"] if places else []),
    ]


def short_hash(text: str) -> str:
    """Six hex digits for a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:6]


def check_path(path: str | Path, what: str, tries: Sequence[str] = ()) -> None:
    """Refuse a path that build tools cannot take or would take for something else.

    ``what`` names the path in the error, and ``tries`` are its hints. Raises UsageError that names
    the character or the length.
    """
    real = os.path.realpath(path)
    found = next((c for c in real if c in _REFUSED or not c.isprintable()), None)
    if found is not None:
        why = f"has a character that build tools do not take: {_character(found)}"
    elif len(os.fsencode(os.path.basename(real))) > _NAME_BYTES:
        why = f"has a name of more than {_NAME_BYTES} bytes"
    elif len(os.fsencode(real)) > _PATH_BYTES:
        why = f"has more than {_PATH_BYTES:,} bytes"
    else:
        return
    raise UsageError(f"{what} {why}.", at=real, tries=tuple(tries))


def check_project_path(project: Path) -> None:
    """Refuse a project's folder, or one above it, by ``check_path``."""
    check_path(
        project,
        "The path of the project",
        ("another folder with -o", "where it is the path of a folder above: work in another one"),
    )


def _character(character: str) -> str:
    """How a sentence shows a character that may not be fit to be printed."""
    if character.isprintable():
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # Python's stand-in for a byte that is no UTF-8
        return f"the byte {code - 0xDC00:#04x}, which is not UTF-8"
    return {"\n": "a line break", "\t": "a tab"}.get(character, f"U+{code:04X}")
