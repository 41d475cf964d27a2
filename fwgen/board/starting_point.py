"""A board file to start from: that of a board of fwgen's, with what each of its keys says."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from fwgen.board.core_keys import CLOCK, LIKE, TOP, TRIGGER, all_sections
from fwgen.board.facts import HOST, LIBRARY
from fwgen.board.file import parse_board, shipped_file
from fwgen.board.keys import Key
from fwgen.board.sections import Section

_HEADER = """\
A board file for `fwgen build MODEL --board FILE.toml`, made from that of {name}. Change what is
different on your board. platform = "{library}" makes a library instead of firmware; the path of a
folder beside this file, with C sources of yours, makes firmware for another chip. docs/boards.md
has more.
"""
_COLUMNS = 98
_SECTION = re.compile(r"\[\[?([a-z_]+)\]\]?\s*(#.*)?")
_KEY = re.compile(r"([a-z_]+)\s*=")


def starting_point(name: str) -> str:
    """The file of a board of fwgen's, commented; it says the same. Raises UsageError."""
    path = shipped_file(name, "--show")
    source = path.read_bytes()
    native = parse_board(source, path.name).platform == HOST
    sections = {section.name: section for section in all_sections()}
    top = TOP if native else (*TOP, *CLOCK, TRIGGER, LIKE)
    lines = [*_comment(_HEADER.format(name=name, library=LIBRARY)), ""]
    seen: set[str] = set()
    keys, told = {key.name: key for key in top}, set[str]()
    waiting = [key for key in top if not key.required]

    for line in source.decode().splitlines():
        header, assignment = _SECTION.match(line), _KEY.match(line)
        if header:
            lines += _absent(waiting, told)
            section = sections[header[1]]
            first = section.name not in seen
            lines += _comment(section.what) if first else []
            keys, told = {key.name: key for key in section.keys} if first else {}, set()
            waiting = [key for key in keys.values() if not key.required]
            seen.add(section.name)
        elif assignment and assignment[1] in keys:
            key = keys[assignment[1]]
            told.add(key.name)
            lines += _comment(_told(key))
        lines.append(line)
    lines += _absent(waiting, told)
    for section in sections.values():
        if section.name not in seen and not native:
            lines += _unused(section)
    return "\n".join(lines) + "\n"


def _told(key: Key) -> str:
    return f"{key.what[0].upper()}{key.what[1:]}: {key.kind.expected}."


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), _COLUMNS)]


def _absent(keys: Sequence[Key], told: set[str]) -> list[str]:
    """Keys that could be there, before the empty line that ends a table."""
    found: list[str] = []
    for key in keys:
        if key.name not in told:
            found += [*_comment(f"Not used here: {key.name}. {_told(key)}")]
    return [*found, ""] if found else []


def _unused(section: Section[object]) -> Iterator[str]:
    """A section that the board has not got."""
    brackets = f"[[{section.name}]]" if section.several else f"[{section.name}]"
    yield ""
    yield from _comment(f"Not used here: {brackets}. {section.what}")
    for key in section.keys:
        yield from _comment(f"{key.name}: {_told(key)}")
