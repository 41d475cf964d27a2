"""A TOML table that is read key by key, each of them checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any, NoReturn

from fwgen.errors import UsageError

MOST_BYTES = 16 * 1024
"""Of a file: the time that TOML takes to read grows with the square."""


def parse_toml(source: bytes) -> dict[str, Any]:
    """The top table of a file. Raises ValueError for all that is none, or cannot be read."""
    try:
        return tomllib.loads(source.decode("utf-8"))
    except RecursionError:
        raise ValueError("it nests too deep") from None


class TomlTable:
    """A table of a board file; ``done`` refuses the keys that nothing asked for.

    All methods raise UsageError with the file and the key.
    """

    def __init__(self, content: object, file: str, path: str) -> None:
        self._file, self._path = file, path
        self._read: set[str] = set()
        if not isinstance(content, dict):
            raise UsageError("Expected a table.", at=f"{file}: {path}")
        self.content: dict[str, Any] = content

    def _key(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise UsageError for a key of this table."""
        raise UsageError(f"The board file is wrong: {why}.", at=f"{self._file}: {self._key(key)}")

    def done(self) -> None:
        """Refuse unknown keys."""
        unknown = sorted(set(self.content) - self._read)
        if unknown:
            expected = ", ".join(sorted(self._read))
            self.refuse(repr(unknown[0][:40])[1:-1], f"unknown key, expected one of {expected}")

    def _get(self, key: str, default: Any = None) -> Any:
        self._read.add(key)
        value = self.content.get(key, default)
        if value is None:
            self.refuse(key, "the key is missing")
        return value

    def integer(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.refuse(key, f"expected an integer from {least} to {most}")
        return value

    def number(self, key: str, least: float, most: float) -> float:
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, "expected a number")
        if not least <= value <= most:
            self.refuse(key, f"expected a number from {least:g} to {most:g}")
        return float(value)

    def truth(self, key: str) -> bool:
        value = self._get(key)
        if not isinstance(value, bool):
            self.refuse(key, "expected true or false")
        return value

    def text(
        self, key: str, form: str, allowed: Iterable[str] = (), default: str | None = None
    ) -> str:
        value = self._get(key, default)
        if value == default:
            return str(value)
        return self._checked(key, value, form, allowed)

    def texts(self, key: str, form: str, allowed: Iterable[str] = ()) -> tuple[str, ...]:
        value = self._get(key, ())
        if not isinstance(value, list | tuple):
            self.refuse(key, "expected a list of strings")
        return tuple(self._checked(key, item, form, allowed) for item in value)

    def choices(self, key: str, form: str) -> tuple[str, ...]:
        """A string, or a list of different ones in order of preference."""
        value = self._get(key)
        if not isinstance(value, list):
            return (self._checked(key, value, form, ()),)
        found = self.texts(key, form)
        if not found or len(set(found)) < len(found):
            self.refuse(key, "expected one string or more, none of them twice")
        return found

    def _checked(self, key: str, value: object, form: str, allowed: Iterable[str]) -> str:
        if not isinstance(value, str):
            self.refuse(key, "expected a string")
        if allowed and value not in allowed:
            self.refuse(key, f"expected one of {', '.join(sorted(allowed))}")
        if not re.fullmatch(form, value):
            self.refuse(key, f"a string that fits {form} is expected")
        return value

    def table(self, key: str) -> TomlTable:
        return TomlTable(self._get(key), self._file, self._key(key))

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        value = self._get(key)
        if not isinstance(value, list) or not value:
            self.refuse(key, "expected a list of tables")
        return tuple(
            TomlTable(item, self._file, f"{self._key(key)}[{index}]")
            for index, item in enumerate(value)
        )
