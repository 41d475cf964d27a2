"""The reference of board files: all keys in Markdown, from the table that checks them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from fwgen.board.core_keys import CLOCK, LIKE, TOP, TRIGGER, all_sections
from fwgen.board.keys import Key

BEGIN, END = "<!-- keys -->\n", "<!-- end of keys -->\n"
"""Between these, ``docs/boards.md`` has the reference."""


def reference() -> str:
    """Headings and tables."""
    lines = ["### Outside of sections", "", *_table((*TOP, *CLOCK, TRIGGER, LIKE))]
    for section in all_sections():
        name = f"[[{section.name}]]" if section.several else f"[{section.name}]"
        lines += [f"### `{name}`", "", section.what, "", *_table(section.keys)]
    return "\n".join(lines)


def updated(document: str) -> str:
    """A document with the reference as it is now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reference()}\n{END}{after}"


def _table(keys: Sequence[Key]) -> Iterator[str]:
    yield "| key | what it says | value | without it |"
    yield "|---|---|---|---|"
    for key in keys:
        yield (
            f"| `{key.name}` | {_cell(key.what)} | {_cell(key.kind.expected)} | {_default(key)} |"
        )
    yield ""


def _default(key: Key) -> str:
    if key.required:
        return "an error"
    if key.default in (None, "", ()):
        return "none"
    return f"`{json.dumps(key.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
