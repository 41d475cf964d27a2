#!/usr/bin/env python3
"""Write README.md's table of operators by element type from the registry.

tools/operator_table.py
"""

from __future__ import annotations

from pathlib import Path

from fwgen.model.element import Element
from fwgen.ops import operators

README = Path(__file__).parents[1] / "README.md"
HEADER = "| first input | operators |\n|---|---|\n"


def rows() -> dict[str, str]:
    """The element types of the first input, and the operators that take it; most common first."""
    found: dict[str, list[str]] = {}
    for element in Element:
        names = ", ".join(
            operator.name
            for operator in operators().values()
            if operator.of_files and any(types[0] is element for types in operator.types)
        )
        found.setdefault(names, []).append(element.word)
    lists = sorted(found, key=lambda names: -len(names))
    return {", ".join(sorted(found[names])): names for names in lists if names}


def main() -> None:
    text = README.read_text(encoding="utf-8")
    before, header, rest = text.partition(HEADER)
    if not header:
        raise SystemExit(f"{README} has no table that begins with {HEADER!r}.")
    _, end, after = rest.partition("\n\n")
    table = "\n".join(f"| {types} | {names} |" for types, names in rows().items())
    README.write_text(before + header + table + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()
