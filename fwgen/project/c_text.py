"""The text of C code: safe names, literals and rows of numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
import numpy.typing as npt

from fwgen.model.element import Element

_NAME_CHARACTERS = 60

_ROWS = 4096
"""Of numbers, that are turned into text together."""


def comment(name: str) -> str:
    """A tensor name as it may stand in a C comment: harmless characters only, at most 60.

    Anything else, above all what could end the comment or continue the line, becomes ``?``.
    """
    safe = re.sub(r"[^A-Za-z0-9_.:;-]", "?", name.replace("/", "."))
    return safe if len(safe) <= _NAME_CHARACTERS else safe[: _NAME_CHARACTERS - 3] + "..."


def string_literal(name: str) -> str:
    """A name of the model's as a C string: printable ASCII, and no trigraph."""
    safe = "".join(c if " " <= c <= "~" else "?" for c in name)
    return '"' + re.sub(r'([\\"?])', r"\\\1", safe) + '"'


def cell(name: str) -> str:
    """A name of the model's as code in a table of Markdown; odd characters become ``?``."""
    safe = re.sub(r"[^A-Za-z0-9_.:;/ -]", "?", name)
    return f"`{safe[:_NAME_CHARACTERS]}`" if safe.strip() else ""


def identifier(name: str) -> str:
    """A model name as it may stand in a C string and on the serial line."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:_NAME_CHARACTERS] or "model"


def constant_names(names: Sequence[str]) -> list[str]:
    """Each name of a list as the end of a C constant's name, in capitals; "" where there is none.

    What TensorFlow puts around names goes. A name that is there before gets a number.
    """
    taken: set[str] = set()
    numbers: dict[str, Iterator[int]] = {}
    ends = []
    for name in names:
        plain = re.sub(r"^serving_default_|:[0-9]+$", "", name)
        word = end = re.sub(r"[^A-Z0-9]+", "_", plain[:_NAME_CHARACTERS].upper()).strip("_")
        while end in taken:
            end = f"{word}_{next(numbers.setdefault(word, count(1)))}"
        if end:
            taken.add(end)
        ends.append(end)
    return ends


def float_literal(value: float) -> str:
    """A C float literal that reads back as exactly this float32, of which NaNs are one."""
    if math.isnan(value):
        return '__builtin_nanf("")'
    if math.isinf(value):
        return f"{'-' if value < 0 else ''}__builtin_inff()"
    text = f"{value:.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")


def integer_literal(value: int, size: int = 4) -> str:
    """A C integer literal of ``size`` bytes; the most negative number has none by itself."""
    suffix = "LL" if size == 8 else ""
    if size >= 4 and value == -(1 << (8 * size - 1)):
        return f"(-{-value - 1}{suffix} - 1{suffix})"
    return f"{value}{suffix}"


def initializer(value: int | tuple[int, ...]) -> str:
    """A C initialiser for an integer or an array of them."""
    if isinstance(value, tuple):
        return "{" + ", ".join(map(integer_literal, value)) + "}"
    return integer_literal(value)


def type_constant(dtype: Element) -> str:
    """The ``fw_type`` enumerator of a dtype."""
    return f"FW_{dtype.tflite}"


def rows(data: npt.NDArray[np.generic]) -> str:
    """A flat array as comma-separated C initialisers, indented and wrapped.

    A part at a time, as lists of numbers take many times what the array and its text do.
    """
    if data.dtype.kind == "b":
        data = data.view(np.uint8)
    per_row = {1: 20, 2: 14}.get(data.dtype.itemsize, 8)
    step = _ROWS * per_row
    parts = (_some_rows(data[i : i + step], per_row) for i in range(0, data.size, step))
    return "\n".join(parts)


def _some_rows(data: npt.NDArray[np.generic], per_row: int) -> str:
    items = data.tolist()
    if data.dtype.kind == "f":
        literals = [float_literal(value) for value in items]
    elif _is_plain(data):
        found = (items[i : i + per_row] for i in range(0, len(items), per_row))
        return "\n".join([f"    {repr(row)[1:-1]}," for row in found])
    else:
        literals = [integer_literal(value, data.dtype.itemsize) for value in items]
    found = (literals[i : i + per_row] for i in range(0, len(literals), per_row))
    return "\n".join([f"    {', '.join(row)}," for row in found])


def _is_plain(data: npt.NDArray[np.generic]) -> bool:
    """Whether the literals of integers are Python's."""
    ends = (int(data.min()), int(data.max()))
    return all(integer_literal(end, data.dtype.itemsize) == str(end) for end in ends)


def part_names(symbol: str, prefix: str, kind: str) -> dict[str, str]:
    """A part of the memory: its static name, its section, and what its macros begin with."""
    own = symbol.replace("fw", prefix, 1)
    return {"symbol": symbol, "section": f".{kind}.{own}", "macro": own.upper()}
