"""The file of axes: TOML with models, boards, options and what to measure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fwgen.errors import UsageError
from fwgen.host.files import read_input
from fwgen.host.spelling import meant, shown
from fwgen.host.toml_table import MOST_BYTES, parse_toml

_TEXTS = ("models", "boards", "measure", "exclude")
_NUMBERS = {"inputs": 1, "seed": 0, "repeat": 1}
"""Whole numbers, with the least that each may be."""

_KEYS = (*_TEXTS, "options", *_NUMBERS)
_MOST = 1 << 40


@dataclass(frozen=True)
class AxesFile:
    """What a file says, None or empty where it says nothing. Paths are those of its folder."""

    models: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    measure: tuple[str, ...] | None = None
    inputs: int | None = None
    seed: int | None = None
    repeat: int | None = None


def read_axes(path: Path) -> AxesFile:
    """Read a file of axes. Raises UsageError with the key for whatever is wrong."""
    try:
        data = parse_toml(read_input(path, MOST_BYTES, "The file of axes"))
    except ValueError as error:
        raise UsageError(f"The file of axes is not TOML: {error}.", at=str(path)) from None
    for key in data:
        if key not in _KEYS:
            raise UsageError(
                f"There is no key {shown(key)}; there are {', '.join(_KEYS)}.",
                at=str(path),
                tries=meant(key, _KEYS),
            )
    texts = {key: _texts(data[key], f"{path}: {key}") for key in _TEXTS if key in data}
    numbers = {
        key: _number(data[key], least, f"{path}: {key}")
        for key, least in _NUMBERS.items()
        if key in data
    }
    return AxesFile(
        models=tuple(_beside(path, text) for text in texts.get("models", ())),
        boards=tuple(_board(path, text) for text in texts.get("boards", ())),
        options=_options(data.get("options", {}), f"{path}: options"),
        exclude=texts.get("exclude", ()),
        measure=texts.get("measure"),
        **numbers,
    )


def _texts(value: object, at: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(each, str) and each for each in value):
        return tuple(value)
    raise UsageError(f"Expected a list of texts, got {shown(value)}.", at=at)


def _number(value: object, least: int, at: str) -> int:
    if type(value) is int and least <= value <= _MOST:
        return value
    raise UsageError(f"Expected a whole number of {least} or more, got {shown(value)}.", at=at)


def _options(value: object, at: str) -> tuple[str, ...]:
    """``name = "--words"`` as on the command line."""
    if not isinstance(value, Mapping):
        raise UsageError(f'Expected a table of name = "options", got {shown(value)}.', at=at)
    for name, words in value.items():
        if not isinstance(words, str):
            raise UsageError(f"Expected a text of options, got {shown(words)}.", at=f"{at}.{name}")
    return tuple(f"{name}={words}" for name, words in value.items())


def _beside(path: Path, text: str) -> str:
    return str(path.parent / text)


def _board(path: Path, text: str) -> str:
    """A board file of the user's is beside the file of axes."""
    with suppress(ValueError):  # of quotes, which are told with those of the command line
        name, *words = shlex.split(text)
        if name.endswith(".toml"):
            return shlex.join((_beside(path, name), *words))
    return text
