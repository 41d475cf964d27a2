#!/usr/bin/env python3
"""Write the tables of operators from the registry: README.md's by element type, docs/operators.md.

tools/operator_table.py
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from fwgen.model.element import Element, Types
from fwgen.ops import operators
from fwgen.ops.parts.tflm_operators import READ, REASONS, REGISTERED

ROOT = Path(__file__).parents[1]
README, PAGE = ROOT / "README.md", ROOT / "docs" / "operators.md"
HEADER = "| first input | operators |\n|---|---|\n"
PAGE_HEADER = """# Operators

All that TFLM registers, and what fwgen makes of each: the element types of the first input, and
of the output where that is another. Written from the registry by `tools/operator_table.py`.

| operator | element types, or why not |
|---|---|
"""


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


def types_in_words(types: tuple[Types, ...]) -> str:
    """First inputs, each with the outputs that are not of its type."""
    outputs: dict[str, list[str]] = {}
    for one in types:
        first, last = ("any" if each is None else each.word for each in (one[0], one[-1]))
        listed = outputs.setdefault(first, [])
        if last not in listed:
            listed.append(last)
    return "; ".join(
        first if made == [first] else f"{first} to {', '.join(made)}"
        for first, made in outputs.items()
    )


MISREAD_HEADER = """
## What TFLM takes and fwgen refuses

Element types of inputs and output that TFLM computes something else of than the operator says.
Beside these, TFLM ignores zero points of int16 other than 0 in convolutions: TFLite's specification
excludes them, and fwgen takes them where an operator of TFLM is made for them.

| operator | element types | why |
|---|---|---|
"""


def in_words(types: Types) -> str:
    """Types of all operands, those that follow each other once."""
    *inputs, output = types
    given = ", ".join(word for word, _ in groupby(each.word for each in inputs if each is not None))
    return given if output is None else f"{given} to {output.word}"


def misread() -> str:
    """The rows of what TFLM misreads, one for each reason."""
    lines = []
    for operator in operators().values():
        reasons: dict[str, list[str]] = {}
        for types, why in operator.misread.items():
            reasons.setdefault(why, []).append(in_words(types))
        lines += [f"| {operator.name} | {'; '.join(of)} | {why} |" for why, of in reasons.items()]
    return "".join(f"{line}\n" for line in lines)


def page() -> str:
    """``docs/operators.md``."""
    known = operators()
    lines = []
    for name in REGISTERED:
        if name in READ:
            said = READ[name]
        elif name in known:
            said = types_in_words(known[name].types)
        else:
            said = f"no: {REASONS.get(name, 'not yet')}"
        lines.append(f"| {name.removeprefix('CUSTOM ')} | {said} |\n")
    return PAGE_HEADER + "".join(lines) + MISREAD_HEADER + misread()


def main() -> None:
    text = README.read_text(encoding="utf-8")
    before, header, rest = text.partition(HEADER)
    if not header:
        raise SystemExit(f"{README} has no table that begins with {HEADER!r}.")
    _, end, after = rest.partition("\n\n")
    table = "\n".join(f"| {types} | {names} |" for types, names in rows().items())
    README.write_text(before + header + table + end + after, encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
