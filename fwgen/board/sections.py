"""Sections of a board file: tables that the modules own which read them.

A module that needs facts of a board holds one ``SECTION``; it is found by that, wherever it is.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, NoReturn, TypeVar

from fwgen.board.facts import Board
from fwgen.board.keys import Key
from fwgen.errors import UsageError
from fwgen.host.spelling import meant

T = TypeVar("T")

_PACKAGE = Path(__file__).resolve().parents[1]
_SHOWN = 40


def refuse(at: str, why: str, tries: Sequence[str] = ()) -> NoReturn:
    """Raise UsageError for the place ``at`` in a board file, such as ``my.toml: cpu.name``."""
    raise UsageError(f"The board file is wrong: {why}.", at=at, tries=tuple(tries))


@dataclass(frozen=True)
class Section(Generic[T]):
    """A table ``[name]`` of a board file, or several ``[[name]]``, read into what ``make`` makes.

    ``make`` gets the values of all ``keys`` by name; a ValueError that it raises says what is wrong
    as "KEY: why". ``check`` is called for the whole board with what was made, and says likewise
    what is wrong. ``what`` is the section in a sentence. ``of_simulator`` says that it is about
    what runs images in place of the board, and so about no other board.
    """

    name: str
    what: str
    keys: tuple[Key, ...]
    make: Callable[..., T]
    several: bool = False
    check: Callable[[Board, tuple[T, ...]], None] | None = None
    of_simulator: bool = False

    def read(self, content: object, file: str) -> tuple[T, ...]:
        """What a board file has under the section's name. Raises UsageError with file and key."""
        if not self.several:
            return (self._read_one(content, f"{file}: {self.name}"),)
        if not isinstance(content, list) or not content:
            refuse(f"{file}: {self.name}", f"expected one table [[{self.name}]] or more")
        return tuple(
            self._read_one(item, f"{file}: {self.name}[{index}]")
            for index, item in enumerate(content)
        )

    def check_on(self, board: Board, file: str) -> None:
        """Compare the section with the rest of the board. Raises UsageError."""
        if self.check is not None and self.name in board.sections:
            try:
                self.check(board, board.sections[self.name])
            except ValueError as error:
                key, _, why = str(error).partition(": ")
                refuse(f"{file}: {key}", why)

    def _read_one(self, content: object, at: str) -> T:
        if not isinstance(content, dict):
            refuse(at, f"expected a table [{self.name}]")
        values = read_keys(self.keys, content, f"{at}.")
        try:
            return self.make(**values)
        except ValueError as error:
            key, _, why = str(error).partition(": ")
            refuse(f"{at}.{key}", why)


def read_keys(
    keys: Sequence[Key], content: Mapping[str, object], at: str, others: Sequence[str] = ()
) -> dict[str, Any]:
    """The values of a table by name. ``at`` is what comes before a key in an error, ``others`` are
    names in the table that are read elsewhere. Raises UsageError, also for unknown keys."""
    known = [key.name for key in keys]
    for name in content:
        if name not in known and name not in others:
            expected = ", ".join([*known, *(f"[{other}]" for other in others)])
            shown = repr(name[:_SHOWN])[1:-1]
            refuse(f"{at}{shown}", f"unknown key, expected one of {expected}", meant(name, known))
    return {key.name: _value(key, content, at) for key in keys}


def _value(key: Key, content: Mapping[str, object], at: str) -> Any:
    if key.name not in content:
        if key.required:
            refuse(f"{at}{key.name}", f"the key is missing, expected {key.kind.expected}")
        return key.default
    try:
        return key.kind.read(content[key.name])
    except ValueError as error:
        refuse(f"{at}{key.name}", str(error) or f"expected {key.kind.expected}")


def modules_holding(name: str, folder: Path) -> Iterator[ModuleType]:
    """The modules below a folder of this package that have a line which begins with ``name``; no
    other one is imported."""
    begins = re.compile(rf"^{name}\b", re.MULTILINE)
    for path in sorted(folder.rglob("*.py")):
        if begins.search(path.read_text(encoding="utf-8")):
            parts = path.relative_to(_PACKAGE.parent).with_suffix("").parts
            yield importlib.import_module(".".join(parts))


@cache
def owned_sections() -> Mapping[str, Section[Any]]:
    """The sections that modules own, by name."""
    found: dict[str, Section[Any]] = {}
    for module in modules_holding("SECTION", _PACKAGE):
        section: Section[Any] = module.SECTION
        assert section.name not in found, f"two modules own [{section.name}]"
        found[section.name] = section
    return dict(sorted(found.items()))
