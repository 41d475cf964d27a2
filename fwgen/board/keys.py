"""Keys of a board file: one table says how each is read, checked, documented and shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol


class ValueKind(Protocol):
    """What values a key takes."""

    @property
    def expected(self) -> str:
        """The values in words, as an error and the documentation have them."""

    def read(self, value: object) -> Any:
        """The value as a board has it. Raises ValueError, with what is wrong if not all of it."""


@dataclass(frozen=True)
class Integer:
    """Whole numbers from ``least`` to ``most``, multiples of ``step``."""

    least: int
    most: int
    step: int = 1

    @property
    def expected(self) -> str:
        multiple = f", a multiple of {self.step}" if self.step > 1 else ""
        return f"an integer from {self.least} to {self.most}{multiple}"

    def read(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError
        if not self.least <= value <= self.most or value % self.step:
            raise ValueError
        return value


@dataclass(frozen=True)
class Number:
    """Numbers from ``least`` to ``most``."""

    least: float
    most: float

    @property
    def expected(self) -> str:
        return f"a number from {self.least:g} to {self.most:g}"

    def read(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        if not self.least <= value <= self.most:
            raise ValueError
        return float(value)


@dataclass(frozen=True)
class Truth:
    """True or false."""

    expected: str = "true or false"

    def read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError
        return value


@dataclass(frozen=True)
class Text:
    """Strings that match ``form``, which ``meaning`` describes."""

    form: str
    meaning: str

    @property
    def expected(self) -> str:
        return self.meaning

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.form, value):
            raise ValueError
        return value


@dataclass(frozen=True)
class OneOf:
    """Strings of a list, which is asked for only when it is needed."""

    words: Callable[[], Iterable[str]]

    @property
    def expected(self) -> str:
        return f"one of {', '.join(self.words())}"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.words():
            raise ValueError
        return value


@dataclass(frozen=True)
class Listed:
    """Lists of what ``each`` takes, with ``least`` items or more."""

    each: ValueKind
    least: int = 0

    @property
    def expected(self) -> str:
        several = f"{self.least} or more items" if self.least else "items"
        return f"a list whose {several} are each {self.each.expected}"

    def read(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) < self.least:
            raise ValueError
        return tuple(self.each.read(item) for item in value)


@dataclass(frozen=True)
class Preference:
    """One of what ``each`` takes, or a list of different ones in order of preference."""

    each: ValueKind

    @property
    def expected(self) -> str:
        return f"{self.each.expected}, or a list of different ones in order of preference"

    def read(self, value: object) -> tuple[Any, ...]:
        items = value if isinstance(value, list) else [value]
        found = tuple(self.each.read(item) for item in items)
        if not found or len(set(found)) < len(found):
            raise ValueError
        return found


class _Required:
    """The default of a key that has none."""


REQUIRED = _Required()


@dataclass(frozen=True)
class Key:
    """One key: its name, the values that it takes, and what it says, as the end of "``name`` is".

    It is required unless it has a ``default``, which is what a board has without it.
    """

    name: str
    kind: ValueKind
    what: str
    default: object = REQUIRED

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True)
class Pin:
    """Pins as the chip numbers them, all ports in a row; those of ports of 16 pins by name, too."""

    expected: str = "a pin: an integer from 0 to 255, or PA0 to PK15 where ports have 16 pins"

    def read(self, value: object) -> int:
        if isinstance(value, str):
            found = re.fullmatch(r"P([A-K])(1[0-5]|[0-9])", value)
            if found:
                return (ord(found[1]) - ord("A")) * 16 + int(found[2])
        return Integer(0, 255).read(value)


ADDRESSES = 1 << 32
"""Of the memory map of a Cortex-M."""

NAME = Text(
    r"[a-z][a-z0-9_-]{0,31}", "a name of 1 to 32 lowercase letters, digits, - and _, a letter first"
)
WORD = Text(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", "a word of 1 to 64 letters, digits, _, . and -, no - first"
)
"""No option of the program that it is given to."""

SENTENCE = Text(
    r"[ -!#-)+-\[\]-~]{1,200}", "1 to 200 ASCII characters, none of them a quote, * or backslash"
)
REGION = Text(
    r"[A-Z][A-Z0-9_]{0,15}",
    "the name of a region, such as SRAM: at most 16 uppercase letters, digits and _",
)
ADDRESS = Integer(0, ADDRESSES - 1)
HERTZ = Integer(1_000_000, 4_000_000_000)
IRQ = Integer(0, 479)
