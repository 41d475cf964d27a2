"""The spelling of words that a user gave: how an error shows them, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 60


def meant(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """A suggestion for an error's ``tries``: the known word that is most like ``word``, if any."""
    names = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word[:100].lower(), names, n=1, cutoff=0.6)
    return tuple(f"{names[name]}, if that is what was meant" for name in found)


def shown(value: object) -> str:
    """A value that was given, as an error can show it: quoted, and not all of a long one."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
