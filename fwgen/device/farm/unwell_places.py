"""Places whose boards did not answer lately: another board is tried before one of them.

A board that died fails at once, and so would get test after test, while good ones work. Notes are
files of the user's, by coordinator and place; one of ``REST_S`` seconds ago counts no more.
"""

from __future__ import annotations

import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from fwgen.host.cache import replace_file, state_folder

REST_S = 600.0


def unwell(coordinator: str) -> list[str]:
    """The places of a coordinator that are noted."""
    folder = _folder(coordinator)
    found = []
    for note in sorted(folder.glob("*.note")) if folder else ():
        with suppress(OSError, UnicodeDecodeError):
            if time.time() - note.stat().st_mtime < REST_S:
                found.append(note.read_text())
    return found


def note_unwell(coordinator: str, place: str) -> None:
    """Note that the board at a place did not answer."""
    if (path := _note(coordinator, place)) is not None:
        with suppress(OSError):
            replace_file(path, place.encode())


def forget_unwell(coordinator: str, place: str) -> None:
    """Note that it does."""
    if (path := _note(coordinator, place)) is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _folder(coordinator: str) -> Path | None:
    return state_folder(f"farm/{_digest(coordinator)}")


def _note(coordinator: str, place: str) -> Path | None:
    folder = _folder(coordinator)
    return folder / f"{_digest(place)}.note" if folder else None


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
